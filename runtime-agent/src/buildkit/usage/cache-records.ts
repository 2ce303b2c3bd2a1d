/** The build cache as BuildKit's clients list and clear it: steps, cache mounts, and contexts that clients sent. */
import { EngineError } from '#model/engine-api/errors.ts';
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
    const matches = readFilters(filters);
    return (await all()).filter(matches);
  };
  return {
    list,
    async prune({ filter, keepDuration, reservedSpace, maxUsedSpace }) {
      const before = await list(filter);
      const ids = filter.some((one) => one !== '') ? { ids: before.map(({ ID = '' }) => ID) } : {};
      const keepBytes = maxUsedSpace || reservedSpace;
      const unusedSince = keepDuration > 0 ? now() - keepDuration / 1e6 : undefined;
      const { CachesDeleted } = await upkeep.prune({
        ...ids,
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

/** All of a filter's parts hold, of any of the filters. Throws EngineError('invalid') for one that is not known. */
function readFilters(filters: readonly string[]): (record: Usage) => boolean {
  const given = filters.filter((filter) => filter !== '');
  if (given.length === 0) return () => true;
  const any = given.map((filter) => filter.split(',').map(readPart));
  return (record) => any.some((parts) => parts.every((part) => part(record)));
}

function readPart(text: string): (record: Usage) => boolean {
  const match = /^(id|type|description|inuse|mutable|immutable|shared|private|parents?)(?:(==|!=|~=|=)(.*))?$/.exec(
    text,
  );
  if (match === null) throw new EngineError('invalid', `invalid filter ${JSON.stringify(text)}`);
  const [, field = '', operator, value = ''] = match;
  const fieldOf = ({ ID = '', RecordType = '', Description = '' }: Usage): string =>
    field === 'id' ? ID : field === 'type' ? RecordType : field === 'description' ? Description : '';
  const flagOf = ({ InUse = false, Mutable = false, Shared = false }: Usage): boolean => {
    const flags: Record<string, boolean> = {
      inuse: InUse,
      mutable: Mutable,
      immutable: !Mutable,
      shared: Shared,
      private: !Shared,
    };
    return flags[field] ?? false;
  };
  switch (operator) {
    case undefined:
      return flagOf;
    case '!=':
      return (record) => fieldOf(record) !== value;
    case '~=':
      return (record) => fieldOf(record).includes(value);
    default:
      return ['id', 'type', 'description'].includes(field)
        ? (record) => fieldOf(record) === value
        : (record) => flagOf(record) === (value !== 'false');
  }
}
