import type { FilesystemChange } from '#model/engine-api/types.ts';
import type { ContainerContext } from './context.ts';
import { containerPaths, lowerDirectories } from './rootfs.ts';

/** `GET /containers/{id}/changes` */
export async function containerChanges(context: ContainerContext, reference: string): Promise<FilesystemChange[]> {
  const { record } = context.store.find(reference);
  const { upper } = containerPaths(context.dataRoot, record.id);
  return await context.snapshots.changes(upper, lowerDirectories(context, record));
}
