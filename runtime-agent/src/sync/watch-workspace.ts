import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { watch } from 'chokidar';
import type { ForeignChange } from '#model/slipway-api/workspaces.ts';
import type { HashMemory } from './content-hash.ts';
import type { Ignores } from './ignore-rules.ts';

/** Waits a little, so that a file that the sync itself is writing is known by the time it is looked at. */
const SETTLE_MS = 50;

/**
 * Tells of every file that something else than the sync writes or removes in the workspace.
 * @returns once the watch stands; dispose to end it
 */
export async function watchWorkspace(
  root: string,
  ignores: Ignores,
  memory: HashMemory,
  onChange: (change: ForeignChange) => void,
): Promise<AsyncDisposable> {
  const watcher = watch(root, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (file, stats) => ignores(path.relative(root, file), stats?.isDirectory() ?? false),
  });
  const timers = new Set<NodeJS.Timeout>();
  const later = (work: () => Promise<void>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      void work();
    }, SETTLE_MS);
    timers.add(timer);
  };
  watcher.on('all', (event, file) => {
    if (event !== 'add' && event !== 'change' && event !== 'unlink') return;
    const relative = path.relative(root, file);
    later(async () => {
      const stats = await lstat(file, { bigint: true }).catch(() => undefined);
      if (stats === undefined) {
        if (memory.has(relative)) onChange({ path: relative, change: 'removed' });
        memory.forget(relative);
      } else if (!memory.knows(relative, stats)) {
        onChange({ path: relative, change: 'written' });
      }
    });
  });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      await watcher.close();
    },
  };
}
