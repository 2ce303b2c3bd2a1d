/** What the images take on disk, for `docker system df`. */
import type { ImageSummary } from '#model/engine-api/types.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { summary } from './image-list.ts';
import type { Image } from './images.ts';

export interface ImageDiskUsage {
  /** Bytes of all layers of all images, each counted once. */
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[];
}

export function imageDiskUsage(
  images: readonly Image[],
  snapshots: Pick<SnapshotStore, 'find'>,
  users: (id: string) => number,
): ImageDiskUsage {
  const shared = sharedSizes(images, snapshots);
  const layers = new Set(images.flatMap((image) => image.chainIds));
  return {
    LayersSize: [...layers].reduce((sum, id) => sum + (snapshots.find(id)?.size ?? 0), 0),
    Images: images.map((image) => summary(image, users(image.id), shared(image))),
  };
}

/** Bytes of an image's layers that other images have too. */
export function sharedSizes(
  images: readonly Image[],
  snapshots: Pick<SnapshotStore, 'find'>,
): (image: Image) => number {
  const owners = new Map<string, number>();
  for (const { chainIds } of images) for (const id of new Set(chainIds)) owners.set(id, (owners.get(id) ?? 0) + 1);
  return ({ chainIds }) =>
    chainIds.reduce((sum, id) => ((owners.get(id) ?? 0) > 1 ? sum + (snapshots.find(id)?.size ?? 0) : sum), 0);
}
