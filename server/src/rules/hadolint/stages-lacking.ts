import { type Stage, stageReferred } from '#model/dockerfile/syntax/stages.ts';
import { stageReferences } from '../../dockerfile/stage-references.ts';

/**
 * The stages that lack something which images should have. A stage has it by itself or from the stage that it is built
 * on; one that has not is fine when a stage that is fine uses it: only what is built in the end counts.
 */
export function stagesLacking(stages: readonly Stage[], has: (stage: Stage) => boolean): Stage[] {
  const having = new Set<Stage>();
  for (const stage of stages) if (has(stage) || (stage.base !== undefined && having.has(stage.base))) having.add(stage);
  const fine = new Set(having);
  for (const { stage, text } of [...stageReferences(stages)].toReversed()) {
    const used = stageReferred(stages, text, stage.index);
    if (used !== undefined && fine.has(stage)) fine.add(used);
  }
  return stages.filter((stage) => !fine.has(stage));
}
