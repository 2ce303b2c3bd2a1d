import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths } from './rootfs.ts';

/** Apparent bytes of the regular files below a directory; a hard-linked file counts once. */
export async function treeSize(directory: string, seen: Set<number> = new Set()): Promise<number> {
  let size = 0;
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const name = path.join(directory, entry.name);
    if (entry.isDirectory()) size += await treeSize(name, seen);
    else if (entry.isFile()) {
      const stat = await lstat(name).catch(() => undefined);
      if (stat === undefined || (stat.nlink > 1 && seen.has(stat.ino))) continue;
      if (stat.nlink > 1) seen.add(stat.ino);
      size += stat.size;
    }
  }
  return size;
}

export interface ContainerSizes {
  /** Of what the container changed. */
  readonly own: number;
  /** Of all it sees. */
  readonly total: number;
}

export async function containerSizes(context: ContainerContext, record: ContainerRecord): Promise<ContainerSizes> {
  const own = await treeSize(containerPaths(context.dataRoot, record.id).upper);
  return { own, total: own + (context.images.find(record.image)?.size ?? 0) };
}
