/** What caches from elsewhere remember: found by a step's identity; their layers come when something needs them. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { StepOutcome } from '../steps/stage-result.ts';
import type { CacheContent } from './cache-config.ts';

/** Brings a layer into the snapshot store. @param parent chain id of what is below it */
export type BringLayer = (parent: string | undefined, signal: AbortSignal) => Promise<void>;

export interface LoadedCache {
  readonly steps: CacheContent['steps'];
  /** By diff id. */
  readonly layers: ReadonlyMap<string, BringLayer>;
}

export interface ImportedCache {
  find(key: string): StepOutcome | undefined;
  /** False when no cache has the layer, or those that have it cannot be reached. */
  bring(diffId: string, parent: string | undefined, signal: AbortSignal): Promise<boolean>;
}

/** @param caches the first that remembers a step counts */
export function importedCache(caches: readonly LoadedCache[], warn: (text: string) => void): ImportedCache {
  const outcomes = new Map<string, StepOutcome>();
  for (const { steps } of caches) {
    for (const { keys, outcome } of steps) {
      for (const key of keys) if (!outcomes.has(key)) outcomes.set(key, outcome);
    }
  }
  return {
    find: (key) => outcomes.get(key),
    async bring(diffId, parent, signal) {
      for (const { layers } of caches) {
        const bringLayer = layers.get(diffId);
        if (bringLayer === undefined) continue;
        try {
          await bringLayer(parent, signal);
          return true;
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof EngineError)) throw error;
          warn(`a layer of the imported cache cannot be had, its step is done again: ${error.message}`);
        }
      }
      return false;
    },
  };
}
