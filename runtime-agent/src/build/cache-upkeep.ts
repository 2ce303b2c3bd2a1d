/** How much the build cache takes, and clearing it: `docker system df`, `docker builder prune`. */
import { statSync } from 'node:fs';
import type { Host } from '../host/host.ts';
import type { Garbage } from '../images/garbage.ts';
import type { BuildCache, CacheEntry } from './build-cache.ts';
import { cacheFilter, type FilteredRecord } from './cache-filter.ts';
import type { CacheMounts } from './cache-mounts.ts';

/** As `GET /system/df` has it under BuildCache. */
export interface BuildCacheRecord {
  readonly ID: string;
  readonly Type: 'regular' | 'exec.cachemount';
  readonly Description: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt: string;
  readonly UsageCount: number;
}

export interface PruneRequest {
  /** Only these of the list. */
  readonly ids?: readonly string[];
  /** Only those that these filters fit (cache-filter.ts). */
  readonly filters?: readonly string[];
  /** Steps whose layers are in images stay. */
  readonly keepShared?: boolean;
  /** Only what was last used before; milliseconds since 1970. */
  readonly unusedSince?: number;
  /** Keep the most recently used ones up to so many bytes. */
  readonly keepBytes?: number;
}

export interface PruneReport {
  readonly CachesDeleted: readonly string[];
  readonly SpaceReclaimed: number;
}

export interface CacheUpkeep {
  list(): Promise<BuildCacheRecord[]>;
  prune(request: PruneRequest): Promise<PruneReport>;
}

export interface CacheUpkeepDependencies {
  readonly host: Host;
  readonly cache: BuildCache;
  readonly cacheMounts: CacheMounts;
  readonly images: Pick<Garbage, 'sweep'>;
  /** Layers of images: a cached layer that is one of them takes no room of its own. */
  readonly imageChainIds: () => Iterable<string>;
}

export function createCacheUpkeep(dependencies: CacheUpkeepDependencies): CacheUpkeep {
  const { cache, cacheMounts, images } = dependencies;
  return {
    list: () => listCache(dependencies),
    async prune({ ids, filters = [], keepShared = false, unusedSince, keepBytes }) {
      const matches = cacheFilter(filters);
      const records = (await listCache(dependencies)).sort((a, b) => (a.LastUsedAt < b.LastUsedAt ? 1 : -1));
      const doomed: BuildCacheRecord[] = [];
      let kept = 0;
      for (const record of records) {
        const recent = unusedSince !== undefined && Date.parse(record.LastUsedAt) >= unusedSince;
        const fits = keepBytes !== undefined && kept + record.Size <= keepBytes;
        const isMeant = (ids === undefined || ids.includes(record.ID)) && matches(filtered(record));
        const stays = record.InUse || (keepShared && record.Shared);
        if (stays || recent || fits || !isMeant) kept += record.Size;
        else doomed.push(record);
      }
      const mounts = doomed.filter(({ Type }) => Type === 'exec.cachemount');
      for (const { ID } of mounts) await cacheMounts.remove(ID);
      const layers = entriesOf(cache, doomed);
      cache.remove(layers.map(({ id }) => id));
      const freed = await images.sweep(layers.flatMap(({ outcome }) => outcome.layer?.chainId ?? []));
      return {
        CachesDeleted: doomed.map(({ ID }) => ID),
        SpaceReclaimed: freed + mounts.reduce((sum, { Size }) => sum + Size, 0),
      };
    },
  };
}

function filtered({ ID, Type, Description, InUse, Shared }: BuildCacheRecord): FilteredRecord {
  const mutable = Type === 'exec.cachemount';
  return { id: ID, type: Type, description: Description, inUse: InUse, mutable, shared: Shared };
}

/** One record of the list stands for all entries of the same outcome. */
function outcomeId({ id, outcome }: CacheEntry): string {
  return outcome.layer?.chainId ?? id;
}

function entriesOf(cache: BuildCache, records: readonly BuildCacheRecord[]): CacheEntry[] {
  const entries = cache.list();
  const ids = new Set(records.map(({ ID }) => ID));
  const outcomes = new Set(entries.filter(({ id }) => ids.has(id)).map(outcomeId));
  return entries.filter((entry) => outcomes.has(outcomeId(entry)));
}

async function listCache({
  host,
  cache,
  cacheMounts,
  imageChainIds,
}: CacheUpkeepDependencies): Promise<BuildCacheRecord[]> {
  const shared = new Set(imageChainIds());
  const records = new Map<string, BuildCacheRecord>();
  for (const entry of cache.list()) {
    const { id, outcome, lastUsed, uses } = entry;
    const known = records.get(outcomeId(entry));
    const later = known !== undefined && known.LastUsedAt > lastUsed ? known.LastUsedAt : lastUsed;
    records.set(outcomeId(entry), {
      ID: known?.ID ?? id,
      Type: 'regular',
      Description: outcome.description,
      InUse: false,
      Shared: outcome.layer !== undefined && shared.has(outcome.layer.chainId),
      Size: outcome.layer?.size ?? 0,
      CreatedAt: outcome.created,
      LastUsedAt: later,
      UsageCount: (known?.UsageCount ?? 0) + uses,
    });
  }
  const mounts = cacheMounts
    .list()
    .map(async ({ name, inUse, path }) => mountRecord(name, inUse, await bytesOf(host, path), path));
  return [...records.values(), ...(await Promise.all(mounts))];
}

function mountRecord(ID: string, InUse: boolean, Size: number, path: string): BuildCacheRecord {
  const { birthtime, mtime } = statSync(path);
  return {
    ID,
    Type: 'exec.cachemount',
    Description: 'cached mount of RUN --mount=type=cache',
    InUse,
    Shared: false,
    Size,
    CreatedAt: birthtime.toISOString(),
    LastUsedAt: mtime.toISOString(),
    UsageCount: 1,
  };
}

async function bytesOf(host: Host, path: string): Promise<number> {
  const { stdout } = await host.run('du', ['--summarize', '--bytes', '--', path], { onFailure: 'return' });
  return Number(stdout.split('\t', 1)[0]) || 0;
}
