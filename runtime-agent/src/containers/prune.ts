/** `POST /containers/prune`: removes what does not run. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerContext } from './context.ts';
import { type Filters, labelMatcher } from './list-filters.ts';
import { removeContainer } from './remove.ts';
import { containerSizes } from './sizes.ts';

export interface Pruned {
  readonly ContainersDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

export interface PruneOptions {
  readonly filters: Filters;
  /** Milliseconds since the epoch: only those made before. */
  readonly until?: number | undefined;
}

export async function pruneContainers(context: ContainerContext, options: PruneOptions): Promise<Pruned> {
  const { filters, until } = options;
  for (const name of filters.keys()) {
    if (!['label', 'label!', 'until'].includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`);
  }
  const wanted = labelMatcher(filters.get('label') ?? []);
  const unwanted = (filters.get('label!') ?? []).map((value) => labelMatcher([value]));
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const { id, record } of context.store.all()) {
    const labels = record.config.Labels ?? {};
    const idle = ['created', 'exited', 'dead'].includes(record.state.status);
    if (!idle || !wanted(labels) || unwanted.some((matches) => matches(labels))) continue;
    if (until !== undefined && Date.parse(record.created) >= until) continue;
    const { own } = await containerSizes(context, record);
    try {
      await removeContainer(context, id, { force: false, volumes: false });
    } catch (error) {
      context.warn(`pruning container ${id}`, error);
      continue;
    }
    deleted.push(id);
    reclaimed += own;
  }
  context.events.publish('container', 'prune', '', { reclaimed: String(reclaimed) });
  return { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed };
}
