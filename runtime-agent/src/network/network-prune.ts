/** `docker network prune`. */
import { EngineError } from '#model/engine-api/errors.ts';
import { checkFilterNames, labelsMatch, untilTime } from '#model/engine-api/filter-values.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import { PREDEFINED } from './network-record.ts';
import type { Networks } from './networks.ts';

/** Removes user-defined networks that no container has; resolves with their names. */
export async function pruneNetworks(
  networks: Pick<Networks, 'list' | 'remove'>,
  filters: Filters,
  now: number,
): Promise<string[]> {
  checkFilterNames(filters, ['label', 'label!', 'until']);
  const until = untilTime(filters, now);
  const removed: string[] = [];
  for (const network of networks.list()) {
    const { Name: name = '', Id: id = '', Created: created = '', Labels: labels } = network;
    if (PREDEFINED.has(name) || network.ConfigOnly === true || !labelsMatch(filters, labels)) continue;
    if (until !== undefined && Date.parse(created) > until) continue;
    if (Object.keys(network.Containers ?? {}).length > 0) continue;
    try {
      await networks.remove(id);
      removed.push(name);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error; // in use since a moment ago: left, as Docker does
    }
  }
  return removed;
}
