import type { PlannedStage } from './plan/work.ts';

/** Names a step in the solver's graph. `at` counts from 1; 0 is the stage's base. */
export function stepId(stage: number, at: number): string {
  return `${stage}/${at}`;
}

export function lastStepId(stage: PlannedStage): string {
  return stepId(stage.index, stage.steps.length);
}
