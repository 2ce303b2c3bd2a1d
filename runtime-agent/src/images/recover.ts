/** After the machine itself went down: what was not on disk by then is made again, or is no image any more. */
import type { SnapshotStore } from '../snapshots/store.ts';
import type { ImageIndex } from './image-index.ts';
import type { LayerBlobs } from './layer-blobs.ts';

export interface RecoverDependencies {
  readonly snapshots: Pick<SnapshotStore, 'recover' | 'has'>;
  readonly index: ImageIndex;
  readonly layerBlobs: Pick<LayerBlobs, 'forget'>;
}

/** Gives the names (or ids) of the images that were lost. To be called before anything uses an image. */
export async function recoverImages({ snapshots, index, layerBlobs }: RecoverDependencies): Promise<readonly string[]> {
  const lost = await snapshots.recover();
  for (const diffId of lost) layerBlobs.forget(diffId);
  if (lost.length === 0) return [];
  const broken = index.list().filter(({ chainIds }) => chainIds.some((id) => !snapshots.has(id)));
  for (const { id } of broken) {
    for (const name of index.names(id)) index.deleteName(name);
    index.delete(id);
  }
  return broken.map(({ id, repoTags, repoDigests }) => repoTags[0] ?? repoDigests[0] ?? id);
}
