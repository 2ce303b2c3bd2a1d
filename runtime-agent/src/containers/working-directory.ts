/** A container's working directory is there from its creation on, as in Docker: files may be copied into it before it runs. */
import { lstat, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { giveToContainers } from '../host/hand-over.ts';
import { resolveInRoot } from '../sync/resolve-in-root.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths, lowerDirectories, mountRootfs, unmountRootfs } from './rootfs.ts';

/** Told by the layers alone, without mounting them: no component is a link, a file or hidden. */
async function inLayers(layers: readonly string[], place: string): Promise<boolean> {
  const parts = place.split('/').filter((part) => part !== '');
  for (let depth = 1; depth <= parts.length; depth++) {
    const name = parts.slice(0, depth).join('/');
    let directory = false;
    for (const layer of layers) {
      const found = await lstat(path.join(layer, name)).catch(() => undefined);
      if (found === undefined) continue;
      directory = found.isDirectory();
      break;
    }
    if (!directory) return false;
  }
  return true;
}

/** Throws EngineError('internal') in Docker's words when something else is in its place. */
export async function makeWorkingDirectory(context: ContainerContext, record: ContainerRecord): Promise<void> {
  const place = path.posix.normalize(record.config.WorkingDir ?? '');
  if (place === '.' || place === '/' || (await inLayers(lowerDirectories(context, record), place))) return;
  await mountRootfs(context, record);
  try {
    const target = await resolveInRoot(containerPaths(context.dataRoot, record.id).rootfs, place);
    if ((await stat(target).catch(() => undefined))?.isDirectory()) return;
    await makeDirectories(context, target, record.config.WorkingDir ?? '');
  } finally {
    await unmountRootfs(context, record.id);
  }
}

async function makeDirectories({ host }: ContainerContext, target: string, shown: string): Promise<void> {
  const first = await mkdir(target, { recursive: true, mode: 0o755 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EEXIST' && cause.code !== 'ENOTDIR') throw cause;
    throw new EngineError('internal', `Cannot mkdir: ${shown} is not a directory`, { cause });
  });
  if (first === undefined) return;
  for (let at = target; at.length >= first.length; at = path.dirname(at)) await giveToContainers(host.ids, at);
}
