/** A folder that the engine mounts itself needs no sync: only the time until a save is visible is measured and printed. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { readIgnoreRules } from './ignore-rules.ts';
import { watchSaves } from './save-watch.ts';
import { type Place, reportVisible, type SavedFile } from './visibility.ts';

const LARGEST = 16 * 1024 * 1024;

export async function measureMounted(
  folder: string,
  place: Place,
  connection: () => EngineConnection,
  log: (line: string) => void,
): Promise<AsyncDisposable> {
  const rules = await readIgnoreRules(folder);
  const ended = new AbortController();
  const watch = await watchSaves(folder, () => rules);
  const seen = new Map<string, string>();
  const work = async (): Promise<void> => {
    for (let batch = await watch.next(); batch !== undefined; batch = await watch.next()) {
      const saved = (await Promise.all(batch.map(async (name) => await look(folder, name)))).filter(
        (file) => file !== undefined && seen.get(file.path) !== file.sha256,
      );
      for (const file of saved) if (file !== undefined) seen.set(file.path, file.sha256);
      const files = saved.filter((file) => file !== undefined);
      try {
        if (files.length > 0) await reportVisible(connection(), place, files, log, ended.signal);
      } catch {
        // the host is not connected at the moment: saves arrive all the same
      }
    }
  };
  const working = work();
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await watch[Symbol.asyncDispose]();
      await working;
    },
  };
}

async function look(folder: string, name: string): Promise<SavedFile | undefined> {
  const full = path.join(folder, name);
  try {
    const stats = await stat(full);
    if (!stats.isFile() || stats.size > LARGEST) return undefined;
    const sha256 = createHash('sha256')
      .update(await readFile(full))
      .digest('hex');
    return { path: name, sha256, mtimeMs: stats.mtimeMs };
  } catch {
    return undefined;
  }
}
