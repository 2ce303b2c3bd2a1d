/** Where set-up keeps what it made: outside the repository, shared by all clones, safe to delete at any time. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export function cachePath(...parts: readonly string[]): string {
  return path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'slipway', ...parts);
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const ABANDONED_MS = 3_600_000;

/**
 * Makes a directory all at once: `fill` works in a temporary directory beside it, which is renamed when it is complete.
 * An interrupted or failed fill leaves nothing under the final name; of two makers at the same time the first one wins.
 */
export async function makeOnce(target: string, fill: (directory: string) => Promise<void>): Promise<void> {
  if (await exists(target)) return;
  await mkdir(path.dirname(target), { recursive: true });
  await removeAbandoned(target);
  const temporary = await mkdtemp(`${target}.making-`);
  try {
    await fill(temporary);
    await chmod(temporary, 0o755); // containers read the IDE as other users
    await rename(temporary, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** What a maker that was killed has left. */
async function removeAbandoned(target: string): Promise<void> {
  const parent = path.dirname(target);
  const names = await readdir(parent);
  for (const name of names.filter((name) => name.startsWith(`${path.basename(target)}.making-`))) {
    const file = path.join(parent, name);
    const age = Date.now() - (await stat(file)).mtimeMs;
    if (age > ABANDONED_MS) await rm(file, { recursive: true, force: true });
  }
}
