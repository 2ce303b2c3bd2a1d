/** What one build remembers: what the engine and imported caches know, and what its own steps came to. */
import type { OutcomeCache, SolveEvent } from '../solver.ts';
import type { StageResult, StepOutcome } from '../steps/stage-result.ts';
import type { RememberedStep } from './cache-config.ts';
import type { ImportedCache } from './imported-cache.ts';

export interface BuildMemory {
  readonly cache: OutcomeCache<StepOutcome>;
  note(event: SolveEvent<StageResult, StepOutcome>): void;
  /** Of every step so far that has an identity, in the order of their ids: whatever ended first. */
  steps(): RememberedStep[];
  /** The engine remembers from now on what an imported cache knew, also of layers that nothing needed so far. */
  keep(isHere: (chainId: string) => boolean): void;
}

const byStep = new Intl.Collator('en', { numeric: true });

/** @param describe what a step does, for people, by its id: caches from elsewhere do not tell */
export function createBuildMemory(
  own: OutcomeCache<StepOutcome>,
  imported: ImportedCache,
  describe: (step: string) => string,
): BuildMemory {
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
      const { step, keys, outcome } = event;
      done.set(step, { keys, outcome });
      for (const key of keys) if (taken.has(key)) taken.set(key, { ...outcome, description: describe(step) });
    },
    steps: () => [...done].sort(([a], [b]) => byStep.compare(a, b)).map(([, remembered]) => remembered),
    keep(isHere) {
      for (const [key, outcome] of taken) {
        const { layer } = outcome;
        const isElsewhere = layer !== undefined && !isHere(layer.chainId);
        own.store([key], isElsewhere ? { ...outcome, layer: { ...layer, size: 0 } } : outcome);
      }
    },
  };
}
