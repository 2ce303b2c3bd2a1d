import type { Stage, Step } from '#model/dockerfile/stages.ts';
import type { Span } from '#model/text/span.ts';
import { failure } from '../failure-cause.ts';
import { originsOf } from './stage-names.ts';

/** Throws EngineError('invalid') when stages take files from one another in a circle, also when none of them is built. */
export function refuseCircles(stages: readonly Stage[]): void {
  const visited = new Set<number>();
  for (const stage of stages) {
    const circle = circleFrom(stage, stages, { visited, path: new Set(), steps: [] });
    if (circle === undefined) continue;
    const message = `circular dependency detected on stage: ${stage.name ?? `stage-${stage.index}`}`;
    const [span, ...more] = circle.flatMap((step): Span[] => (step.span === undefined ? [] : [step.span])).toReversed();
    throw failure('invalid', message, span === undefined ? {} : { place: { span, brief: message, more } });
  }
}

interface Walk {
  readonly visited: Set<number>;
  readonly path: Set<number>;
  readonly steps: readonly Step[];
}

/** The steps that lead round. */
function circleFrom(
  stage: Stage,
  stages: readonly Stage[],
  { visited, path, steps }: Walk,
): readonly Step[] | undefined {
  if (visited.has(stage.index)) return undefined;
  visited.add(stage.index);
  const here = new Set([...path, stage.index]);
  for (const step of stage.steps) {
    for (const name of originsOf(step)) {
      const origin = stageAnywhere(stages, name, step);
      if (origin === undefined) continue;
      const way = [...steps, step];
      if (here.has(origin.index)) return way;
      const found = circleFrom(origin, stages, { visited, path: here, steps: way });
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Names of mounts are never numbers. */
function stageAnywhere(stages: readonly Stage[], name: string, { command }: Step): Stage | undefined {
  const named = stages.findLast((stage) => stage.name === name.toLowerCase());
  return named ?? (command.kind !== 'RUN' && /^\d+$/.test(name) ? stages[Number(name)] : undefined);
}
