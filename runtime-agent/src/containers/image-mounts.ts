/** `--mount type=image`: another image's files in a container, read-only. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerContext } from './context.ts';
import type { ContainerMount, ContainerRecord } from './record.ts';
import { containerPaths, imagesDirectory } from './rootfs.ts';

/** Throws EngineError('not-found') without the image. The container keeps its layers, whatever becomes of its name. */
export function attachImage(context: ContainerContext, record: ContainerRecord, mount: ContainerMount): ContainerMount {
  const { id: image, chainIds } = context.images.resolve(mount.name ?? '');
  const name = createHash('sha256').update(mount.destination).digest('hex').slice(0, 12);
  const directory = imagesDirectory(containerPaths(context.dataRoot, record.id));
  return { ...mount, source: path.join(directory, name, 'merged'), image, chainIds };
}

/** Before a start: mounts the images where the container's mounts have their sources. */
export async function mountImages(context: ContainerContext, record: ContainerRecord): Promise<void> {
  for (const { type, source, chainIds } of record.mounts) {
    if (type !== 'image') continue;
    const directory = path.dirname(source);
    const [upper, work] = [path.join(directory, 'diff'), path.join(directory, 'work')];
    for (const name of [upper, work, source]) await mkdir(name, { recursive: true, mode: 0o755 });
    const lower = context.snapshots.lowerDirs(chainIds ?? []);
    await context.host.mountOverlay({ lower, upper, work, target: source });
  }
}
