/** `docker volume prune`. */
import { EngineError } from '#model/engine-api/errors.ts';
import { checkFilterNames, labelsMatch, parseGoBoolean } from '#model/engine-api/filter-values.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import { ANONYMOUS_LABEL } from './volume-record.ts';
import { directorySize, isOwn } from './volume-usage.ts';
import type { Volumes } from './volumes.ts';

export interface PrunedVolumes {
  readonly VolumesDeleted: readonly string[];
  /** Bytes. */
  readonly SpaceReclaimed: number;
}

/**
 * Removes volumes that no container has: anonymous ones, or with `all` every one that is not a mount of something else.
 * @param allByDefault before API 1.42 there was no difference
 */
export async function pruneVolumes(
  volumes: Pick<Volumes, 'list' | 'users' | 'remove'>,
  filters: Filters,
  allByDefault: boolean,
): Promise<PrunedVolumes> {
  checkFilterNames(filters, ['all', 'label', 'label!']);
  const all = readAll(filters.get('all') ?? [], allByDefault);
  const unused = volumes
    .list()
    .filter(
      (volume) =>
        volumes.users(volume.Name).length === 0 &&
        isOwn(volume) &&
        (all || Object.hasOwn(volume.Labels ?? {}, ANONYMOUS_LABEL)) &&
        labelsMatch(filters, volume.Labels),
    );
  const removed: string[] = [];
  let reclaimed = 0;
  for (const { Name: name, Mountpoint: directory } of unused) {
    const size = await directorySize(directory);
    try {
      await volumes.remove(name, false);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'conflict') continue; // taken since a moment ago
      throw error;
    }
    removed.push(name);
    reclaimed += size;
  }
  return { VolumesDeleted: removed, SpaceReclaimed: reclaimed };
}

function readAll(values: readonly string[], fallback: boolean): boolean {
  const [value] = values;
  if (value === undefined) return fallback;
  const read = parseGoBoolean(value);
  if (read !== undefined) return read;
  throw new EngineError('invalid', `invalid filter 'all': strconv.ParseBool: parsing "${value}": invalid syntax`);
}
