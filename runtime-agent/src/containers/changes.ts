import type { FilesystemChange } from '#model/engine-api/types.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerContext } from './context.ts';
import { containerPaths, lowerDirectories } from './rootfs.ts';

/** `GET /containers/{id}/changes` */
export async function containerChanges(context: ContainerContext, reference: string): Promise<FilesystemChange[]> {
  const { record } = context.store.find(reference);
  const { upper } = containerPaths(context.dataRoot, record.id);
  try {
    return await context.snapshots.changes(upper, lowerDirectories(context, record));
  } catch (error) {
    if (context.store.byId(record.id) !== undefined) throw error;
    throw new EngineError('not-found', `No such container: ${reference}`, { cause: error }); // it was removed meanwhile
  }
}
