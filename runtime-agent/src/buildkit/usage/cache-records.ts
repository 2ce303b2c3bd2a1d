/** The build cache as BuildKit's clients list and clear it: steps, cache mounts, and contexts that clients sent. */
import { cacheFilter, type FilteredRecord } from '../../build/cache-filter.ts';
import type { BuildCacheRecord, CacheUpkeep } from '../../build/cache-upkeep.ts';
import type { PruneRequest, UsageRecord } from '../messages/control.ts';
import { timestampOf } from '../progress/timestamp.ts';
import type { KeptContexts } from '../session/kept-contexts.ts';
import type { ValueOf } from '../wire/protobuf.ts';

type Usage = Partial<ValueOf<typeof UsageRecord>>;

export interface CacheRecords {
  /** @param filters BuildKit's: `type==regular`, `id=…`, alternatives with commas */
  list(filters: readonly string[]): Promise<Usage[]>;
  /** Gives what is gone. */
  prune(request: ValueOf<typeof PruneRequest>): Promise<Usage[]>;
}

export function createCacheRecords(
  upkeep: CacheUpkeep,
  kept: KeptContexts,
  now: () => number = Date.now,
): CacheRecords {
  const all = async (): Promise<Usage[]> => [...(await upkeep.list()).map(usageOf), ...kept.list().map(usageOfContext)];
  const list = async (filters: readonly string[]): Promise<Usage[]> => {
    const matches = cacheFilter(filters);
    return (await all()).filter((record) => matches(filtered(record)));
  };
  return {
    list,
    async prune({ filter, all: sharedToo, keepDuration, reservedSpace, maxUsedSpace }) {
      const before = await list(filter);
      const ids = filter.some((one) => one !== '') ? { ids: before.map(({ ID = '' }) => ID) } : {};
      const keepBytes = maxUsedSpace || reservedSpace;
      const unusedSince = keepDuration > 0 ? now() - keepDuration / 1e6 : undefined;
      const { CachesDeleted } = await upkeep.prune({
        ...ids,
        ...(sharedToo ? {} : { keepShared: true }),
        ...(unusedSince === undefined ? {} : { unusedSince }),
        ...(keepBytes > 0 ? { keepBytes } : {}),
      });
      const old = kept
        .list()
        .filter(({ id, lastUsed }) => (unusedSince === undefined || lastUsed < unusedSince) && isIn(before, id));
      if (keepBytes === 0) kept.remove(old.map(({ id }) => id));
      const gone = new Set([...CachesDeleted, ...(keepBytes === 0 ? old.map(({ id }) => id) : [])]);
      return before.filter(({ ID = '' }) => gone.has(ID));
    },
  };
}

const isIn = (records: readonly Usage[], id: string): boolean => records.some(({ ID }) => ID === id);

function usageOf(record: BuildCacheRecord): Usage {
  const { ID, InUse, Size, CreatedAt, LastUsedAt, UsageCount, Description, Type, Shared } = record;
  return {
    ID,
    Mutable: Type === 'exec.cachemount',
    InUse,
    Size,
    CreatedAt: timestampOf(Date.parse(CreatedAt)),
    LastUsedAt: timestampOf(Date.parse(LastUsedAt)),
    UsageCount,
    Description,
    RecordType: Type,
    Shared,
  };
}

function usageOfContext({ id, size, inUse, created, lastUsed, uses }: ReturnType<KeptContexts['list']>[number]): Usage {
  return {
    ID: id,
    Mutable: true,
    InUse: inUse,
    Size: size,
    CreatedAt: timestampOf(created),
    LastUsedAt: timestampOf(lastUsed),
    UsageCount: uses,
    Description: 'local source for context',
    RecordType: 'source.local',
    Shared: false,
  };
}

function filtered({ ID, RecordType, Description, InUse, Mutable, Shared }: Usage): FilteredRecord {
  const [id, type, description] = [ID ?? '', RecordType ?? '', Description ?? ''];
  return { id, type, description, inUse: InUse === true, mutable: Mutable === true, shared: Shared === true };
}
