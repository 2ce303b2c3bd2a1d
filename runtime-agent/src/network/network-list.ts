/** Which networks `GET /networks` lists. */
import { EngineError } from '#model/engine-api/errors.ts';
import { checkFilterNames, labelsMatch, parseGoBoolean } from '#model/engine-api/filter-values.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { NetworkInspect } from '#model/engine-api/types.ts';
import { PREDEFINED } from './network-record.ts';

const LIST_FILTERS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** Pure. Throws EngineError('invalid') in Docker's words. */
export function filterNetworks(networks: readonly NetworkInspect[], filters: Filters): NetworkInspect[] {
  checkFilterNames(filters, LIST_FILTERS);
  const dangling = readDangling(filters);
  const types = filters.get('type') ?? [];
  const bad = types.find((type) => type !== 'builtin' && type !== 'custom');
  if (bad !== undefined) throw new EngineError('internal', `invalid filter: 'type'='${bad}'`);
  const any = (name: string, test: (value: string) => boolean): boolean => filters.get(name)?.some(test) ?? true;
  return networks.filter((network) => {
    const { Name: name = '', Id: id = '', Driver: driver = '', Scope: scope = '', Labels: labels } = network;
    const builtin = PREDEFINED.has(name);
    const unused = !builtin && Object.keys(network.Containers ?? {}).length === 0;
    return (
      any('driver', (value) => value === driver) &&
      any('id', (value) => id.includes(value)) &&
      any('name', (value) => name.includes(value)) &&
      any('scope', (value) => value === scope) &&
      any('type', (value) => (value === 'builtin') === builtin) &&
      labelsMatch(filters, labels) &&
      (dangling === undefined || dangling === unused)
    );
  });
}

function readDangling(filters: Filters): boolean | undefined {
  const [value, second] = filters.get('dangling') ?? [];
  if (second !== undefined) throw new EngineError('invalid', 'got more than one value for filter key "dangling"');
  if (value === undefined) return undefined;
  const read = parseGoBoolean(value);
  if (read !== undefined) return read;
  const text = `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`;
  throw new EngineError('invalid', text);
}
