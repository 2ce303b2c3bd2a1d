/** How much room volumes take, for `system df` and prune. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Volume } from '#model/engine-api/types.ts';
import type { Volumes } from './volumes.ts';

/** Volumes with UsageData; those that are a mount of something else are not measured and not listed, as by Docker. */
export async function volumeUsage(volumes: Pick<Volumes, 'list' | 'users'>): Promise<Volume[]> {
  const own = volumes.list().filter(isOwn);
  return Promise.all(
    own.map(async (volume) => ({
      ...volume,
      UsageData: { RefCount: volumes.users(volume.Name).length, Size: await directorySize(volume.Mountpoint) },
    })),
  );
}

/** Whether the contents are the engine's own. */
export function isOwn({ Options: options }: Volume): boolean {
  return Object.keys(options ?? {}).length === 0;
}

/** Sum of the files' lengths in bytes, a file with several links once; what vanishes meanwhile counts nothing. */
export async function directorySize(directory: string): Promise<number> {
  const seen = new Set<string>();
  let size = 0;
  const pending = [directory];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) pending.push(file);
      else size += await lengthOf(file, seen);
    }
  }
  return size;
}

async function lengthOf(file: string, seen: Set<string>): Promise<number> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return 0;
  if (found.nlink > 1) {
    const key = `${found.dev}:${found.ino}`;
    if (seen.has(key)) return 0;
    seen.add(key);
  }
  return found.size;
}
