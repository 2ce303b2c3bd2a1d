/** Which stages a target needs, as far as the Dockerfile alone says it. */
import type { StagedDockerfile } from '#model/dockerfile/stages.ts';
import { originsOf, stageNamed, targetStage } from './stage-names.ts';

/** By index. Throws EngineError('invalid') for a target that is not there. */
export function neededStages({ stages }: StagedDockerfile, target: string): ReadonlySet<number> {
  const needed = new Set([targetStage(stages, target)]);
  // A set's iterator goes on to what is added meanwhile.
  for (const index of needed) {
    const stage = stages[index];
    if (stage === undefined) continue;
    for (const name of [stage.from.command.image, ...stage.steps.flatMap(originsOf)]) {
      const used = stageNamed(stages, name, index) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
      if (used !== undefined) needed.add(used);
    }
  }
  return needed;
}
