/** `docker image prune`. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import { parseReference } from '#model/oci/reference.ts';
import { matchesLabels, parseUntil, readBoolean } from './image-filters.ts';
import { type Removed, type RemoveDependencies, removeImage } from './image-remove.ts';

export interface Pruned {
  readonly ImagesDeleted: readonly Removed[] | null;
  /** Bytes. */
  readonly SpaceReclaimed: number;
}

/** Layers younger than this may be of work that has not yet said so. */
const YOUNG_MS = 60_000;

const KNOWN = ['dangling', 'until', 'label', 'label!'];

/**
 * Removes images that no container uses: those without a tag, or with `dangling=false` all of them.
 * @param usedBytes of all layers, before and after
 */
export async function pruneImages(
  dependencies: RemoveDependencies & { readonly usedBytes: () => number; readonly now: () => Date },
  filters: Filters,
): Promise<Pruned> {
  for (const name of filters.keys())
    if (!KNOWN.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`);
  const { index, users, events, usedBytes, garbage } = dependencies;
  const danglingOnly = readBoolean(filters, 'dangling') ?? true;
  const until = (filters.get('until') ?? []).map((text) => parseUntil(text, dependencies.now()));
  if (until.length > 1) throw new EngineError('internal', 'more than one until filter specified');
  const unwanted = filters.get('label!') ?? [];
  const before = usedBytes();
  const removed: Removed[] = [];
  for (const { id, config } of index.list()) {
    const names = index.names(id);
    // Unknown is not old.
    const created = Date.parse(config.created ?? '') || Number.POSITIVE_INFINITY;
    const labels = config.config?.Labels ?? {};
    if (danglingOnly && names.some((name) => parseReference(name).digest === undefined)) continue;
    if (users(id).length > 0 || until.some((time) => created >= time)) continue;
    if (!matchesLabels(filters.get('label') ?? [], labels)) continue;
    if (unwanted.some((text) => matchesLabels([text], labels))) continue;
    for (const name of names.length === 0 ? [id] : names) removed.push(...(await removeQuietly(dependencies, name)));
  }
  if (until.length === 0 && !filters.has('label') && unwanted.length === 0) await garbage.sweepAll(YOUNG_MS);
  const reclaimed = Math.max(0, before - usedBytes());
  events.publish('image', 'prune', '', { reclaimed: String(reclaimed) });
  return { ImagesDeleted: removed.length === 0 ? null : removed, SpaceReclaimed: reclaimed };
}

/** What cannot be removed now (a child image, a container of this moment) is left, as Docker does. */
async function removeQuietly(dependencies: RemoveDependencies, name: string): Promise<Removed[]> {
  try {
    return await removeImage(dependencies, name, { force: false, prune: true });
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'conflict' || error.code === 'not-found')) return [];
    throw error;
  }
}
