/** Watches a local folder and hands over what has changed, in batches and soon. */
import path from 'node:path';
import { watch } from 'chokidar';
import type { IgnoreRules } from './ignore-rules.ts';

export interface SaveWatch extends AsyncDisposable {
  /** The next batch of changed paths, relative, with forward slashes; waits for one; some are named twice. undefined: the watch has ended. */
  next(): Promise<readonly string[] | undefined>;
}

/** Editors write a file in several steps: a batch is handed over when nothing has happened for this time … */
const QUIET_MS = 20;
/** … or after this one. */
const LONGEST_MS = 90;
/** chokidar keeps quiet about a second change within 50 ms of the first: every path is looked at once more after that. */
const SECOND_LOOK_MS = 80;

/** @returns once every folder is being watched: what changes from then on is not missed */
export async function watchSaves(folder: string, rules: () => IgnoreRules): Promise<SaveWatch> {
  const dirty = new Set<string>();
  let firstAt = 0;
  let lastAt = 0;
  const ended = new AbortController();
  let wake = (): void => {};
  const looked = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  const touch = (name: string): void => {
    if (dirty.size === 0) firstAt = Date.now();
    lastAt = Date.now();
    dirty.add(name);
    looked.delete(name);
    wake();
  };
  const lookAgain = (names: readonly string[]): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      for (const name of names) {
        if (dirty.has(name)) continue;
        dirty.add(name);
        looked.add(name);
      }
      wake();
    }, SECOND_LOOK_MS);
    timers.add(timer);
  };
  const relative = (full: string): string => path.relative(folder, full).split(path.sep).join('/');
  const watcher = watch(folder, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (full, stats) => rules().ignores(relative(full), stats?.isDirectory() ?? false),
  });
  watcher.on('all', (_event, full) => touch(relative(full)));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  return {
    async next() {
      while (dirty.size === 0 && !ended.signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      while (!ended.signal.aborted && Date.now() - lastAt < QUIET_MS && Date.now() - firstAt < LONGEST_MS)
        await pause(5);
      if (ended.signal.aborted) return undefined;
      const batch = [...dirty].filter((name) => name !== '');
      dirty.clear();
      const fresh = batch.filter((name) => !looked.delete(name));
      if (fresh.length > 0) lookAgain(fresh);
      return batch;
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      ended.abort();
      wake();
      await watcher.close();
    },
  };
}
