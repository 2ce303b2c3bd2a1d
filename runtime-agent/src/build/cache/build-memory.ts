/** What one build remembers: what the engine and imported caches know, and what its own steps came to. */
import type { OutcomeCache, SolveEvent } from '../solver.ts';
import type { StageResult, StepOutcome } from '../steps/stage-result.ts';
import type { RememberedStep } from './cache-config.ts';
import type { ImportedCache } from './imported-cache.ts';

export interface BuildMemory {
  readonly cache: OutcomeCache<StepOutcome>;
  note(event: SolveEvent<StageResult, StepOutcome>): void;
  /** Of every step so far that has an identity. */
  steps(): RememberedStep[];
  /** The engine remembers from now on what an imported cache knew, as far as the layers are here. */
  keep(isHere: (chainId: string) => boolean): void;
}

export function createBuildMemory(own: OutcomeCache<StepOutcome>, imported: ImportedCache): BuildMemory {
  const done = new Map<string, RememberedStep>();
  const taken = new Map<string, StepOutcome>();
  return {
    cache: {
      find(key) {
        const known = own.find(key);
        if (known !== undefined) return known;
        const outcome = imported.find(key);
        if (outcome !== undefined) taken.set(key, outcome);
        return outcome;
      },
      store: (keys, outcome) => own.store(keys, outcome),
    },
    note(event) {
      if (event.state !== 'done' || event.keys.length === 0) return;
      done.set(event.step, { keys: event.keys, outcome: event.outcome });
    },
    steps: () => [...done.values()],
    keep(isHere) {
      for (const [key, outcome] of taken) {
        if (outcome.layer === undefined || isHere(outcome.layer.chainId)) own.store([key], outcome);
      }
    },
  };
}
