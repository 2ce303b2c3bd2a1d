import type { Stage } from '#model/dockerfile/syntax/stages.ts';
import type { Instruction } from '#model/dockerfile/syntax/tree.ts';

/**
 * Instructions that are carried out one after the other: those of a stage, those that a stage keeps for later with
 * ONBUILD, or those before the first FROM, which a whole file does not have but a piece of one may.
 */
export interface Part {
  readonly stage: Stage | undefined;
  readonly onbuild: boolean;
  readonly instructions: readonly Instruction[];
}

export function partsOf(preamble: readonly Instruction[], stages: readonly Stage[]): Part[] {
  return [...partsOfStage(undefined, preamble), ...stages.flatMap((stage) => partsOfStage(stage, stage.instructions))];
}

function partsOfStage(stage: Stage | undefined, instructions: readonly Instruction[]): Part[] {
  const own = instructions.filter(({ trigger }) => trigger === undefined);
  const kept = instructions.flatMap(({ trigger, heredocs }) =>
    trigger === undefined ? [] : [{ ...trigger, heredocs }],
  );
  const parts: Part[] = [{ stage, onbuild: false, instructions: own }];
  if (kept.length > 0) parts.push({ stage, onbuild: true, instructions: kept });
  return parts;
}
