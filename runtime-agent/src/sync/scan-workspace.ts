import { constants } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ManifestEntry } from '#model/slipway-api/workspaces.ts';
import type { HashMemory } from './content-hash.ts';
import { openDirectoryChain } from './directory-chain.ts';
import { openFile } from './file-content.ts';
import type { Ignores } from './ignore-rules.ts';

/**
 * Everything in the workspace that the rules do not leave out, sorted by path; what vanishes while being looked at is
 * left out, and so are sockets, pipes and devices.
 */
export async function scanWorkspace(root: string, ignores: Ignores, memory: HashMemory): Promise<ManifestEntry[]> {
  await using chain = await openDirectoryChain(root);
  const found: ManifestEntry[] = [];
  const pending: string[][] = [[]];
  for (let parts = pending.pop(); parts !== undefined; parts = pending.pop()) {
    const here = await chain.enter(parts);
    if (here === undefined) continue;
    const directories: string[][] = [];
    for (const name of (await readdir(here)).sort()) {
      const path = [...parts, name].join('/');
      const entry = await look(`${here}/${name}`, path, ignores, memory);
      if (entry === undefined) continue;
      found.push(entry);
      if (entry.kind === 'directory') directories.push([...parts, name]);
    }
    pending.push(...directories.reverse());
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function look(
  at: string,
  path: string,
  ignores: Ignores,
  memory: HashMemory,
): Promise<ManifestEntry | undefined> {
  try {
    const stats = await lstat(at);
    if (ignores(path, stats.isDirectory())) return undefined;
    const common = { path, mode: stats.mode & 0o777, mtimeMs: stats.mtimeMs };
    if (stats.isDirectory()) return { ...common, kind: 'directory', size: 0, hash: '' };
    if (stats.isSymbolicLink()) return { ...common, kind: 'link', size: 0, hash: await readlink(at) };
    if (!stats.isFile()) return undefined;
    await using handle = await openFile(at, constants.O_RDONLY);
    return { ...common, kind: 'file', size: stats.size, hash: await memory.hashOf(path, handle) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP' || (error instanceof EngineError && error.code === 'conflict')) {
      return undefined;
    }
    throw error;
  }
}
