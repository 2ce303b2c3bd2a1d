/** `--mount type=image`: another image's files in a container, read-only. */
import { createHash } from 'node:crypto';
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { resolveInRoot } from '../sync/resolve-in-root.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerMount, ContainerRecord } from './record.ts';
import { containerPaths, imagesDirectory } from './rootfs.ts';

/** Throws EngineError('not-found') without the image. The container keeps its layers, whatever becomes of its name. */
export function attachImage(context: ContainerContext, record: ContainerRecord, mount: ContainerMount): ContainerMount {
  const { chainIds } = context.images.resolve(mount.name ?? '');
  const name = createHash('sha256').update(mount.destination).digest('hex').slice(0, 12);
  const directory = imagesDirectory(containerPaths(context.dataRoot, record.id));
  return { ...mount, source: path.join(directory, name, 'merged'), chainIds };
}

/** Where `subpath` is in what is mounted at `source`. Throws EngineError('not-found') when it is not. */
async function inside(source: string, subpath: string): Promise<string> {
  const target = await resolveInRoot(source, subpath);
  const found = await lstat(target).catch(() => undefined);
  if (found !== undefined) return target;
  const wanted = path.join(source, subpath);
  const text = `cannot access path ${wanted}: lstat ${wanted}: no such file or directory`;
  throw new EngineError('not-found', text);
}

/** Before a start: mounts the images. @returns the container's mounts with the sources that they have for this run */
export async function mountImages(context: ContainerContext, record: ContainerRecord): Promise<ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  for (const mount of record.mounts) {
    if (mount.type !== 'image') {
      mounts.push(mount);
      continue;
    }
    const directory = path.dirname(mount.source);
    const [upper, work] = [path.join(directory, 'diff'), path.join(directory, 'work')];
    for (const name of [upper, work, mount.source]) await mkdir(name, { recursive: true, mode: 0o755 });
    const lower = context.snapshots.lowerDirs(mount.chainIds ?? []);
    await context.host.mountOverlay({ lower, upper, work, target: mount.source });
    mounts.push(mount.subpath === undefined ? mount : { ...mount, source: await inside(mount.source, mount.subpath) });
  }
  return mounts;
}
