/** Which volumes `GET /volumes` lists. */
import { EngineError } from '#model/engine-api/errors.ts';
import { checkFilterNames, labelsMatch, parseGoBoolean } from '#model/engine-api/filter-values.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { Volume } from '#model/engine-api/types.ts';
import type { Volumes } from './volumes.ts';

/** Throws EngineError('invalid') in Docker's words. */
export function filterVolumes(volumes: Pick<Volumes, 'list' | 'users'>, filters: Filters): Volume[] {
  checkFilterNames(filters, ['dangling', 'driver', 'label', 'name']);
  const dangling = readDangling(filters.get('dangling') ?? []);
  const any = (name: string, test: (value: string) => boolean): boolean => filters.get(name)?.some(test) ?? true;
  return volumes
    .list()
    .filter(
      ({ Name: name, Driver: driver, Labels: labels }) =>
        any('name', (value) => name.includes(value)) &&
        any('driver', (value) => value === driver) &&
        labelsMatch(filters, labels) &&
        (dangling === undefined || dangling === (volumes.users(name).length === 0)),
    );
}

function readDangling(values: readonly string[]): boolean | undefined {
  const [value] = values;
  if (value === undefined) return undefined;
  const read = parseGoBoolean(value);
  if (read === undefined || values.length > 1) {
    throw new EngineError('invalid', `invalid filter 'dangling=[${values.join(' ')}]'`);
  }
  return read;
}
