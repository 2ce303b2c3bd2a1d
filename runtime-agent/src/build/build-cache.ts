/** What steps came to, kept over restarts: identity of a step -> its outcome. */
import { createHash } from 'node:crypto';
import type { Database } from '../state/collection.ts';
import type { OutcomeCache } from './solver.ts';
import type { StepOutcome } from './steps/stage-result.ts';

export interface CacheEntry {
  readonly id: string;
  readonly outcome: StepOutcome;
  /** RFC 3339. */
  readonly lastUsed: string;
  readonly uses: number;
}

export interface BuildCache extends OutcomeCache<StepOutcome> {
  list(): CacheEntry[];
  remove(ids: readonly string[]): void;
  /** Layers that the cache stands on. */
  chainIds(): string[];
}

type CacheRecord = Omit<CacheEntry, 'id'>;

const TOUCH_AFTER = 60_000; // milliseconds: a build that runs again and again need not write each time
/** Steps of the builds that are asked for again and again. */
const RECENT = 256;

export function openBuildCache(database: Database, now: () => number = Date.now): BuildCache {
  const records = database.collection<CacheRecord>('build_cache', RECENT);
  const instant = (): string => new Date(now()).toISOString();
  return {
    find(key) {
      const id = idOf(key);
      const record = records.get(id);
      if (record === undefined) return undefined;
      if (now() - Date.parse(record.lastUsed) > TOUCH_AFTER) {
        records.put(id, { ...record, lastUsed: instant(), uses: record.uses + 1 });
      }
      return record.outcome;
    },
    store(keys, outcome) {
      const lastUsed = instant();
      database.transaction(() => {
        for (const key of keys) records.put(idOf(key), { outcome, lastUsed, uses: 1 });
      });
    },
    list: () => records.all().map(({ id, value }) => ({ id, ...value })),
    remove(ids) {
      database.transaction(() => {
        for (const id of ids) records.delete(id);
      });
    },
    chainIds: () => records.all().flatMap(({ value }) => value.outcome.layer?.chainId ?? []),
  };
}

/** Short enough for people, as BuildKit's are. */
function idOf(key: string): string {
  return BigInt(`0x${createHash('sha256').update(key).digest('hex').slice(0, 32)}`)
    .toString(36)
    .padStart(25, '0');
}
