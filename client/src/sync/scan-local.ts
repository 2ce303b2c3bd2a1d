/** The local folder as a manifest, to be compared with the host's copy. */
import { createHash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { ManifestEntry } from '#model/slipway-api/workspaces.ts';
import type { IgnoreRules } from './ignore-rules.ts';

/** Remembers hashes of files that have not changed since. */
export type HashCache = Map<string, { readonly signature: string; readonly hash: string }>;

/** What cannot be read is left out and told; sockets, pipes and devices are left out. */
export async function scanLocal(
  folder: string,
  rules: IgnoreRules,
  cache: HashCache,
  onSkipped: (name: string, reason: string) => void,
  signal: AbortSignal,
): Promise<ManifestEntry[]> {
  const found: ManifestEntry[] = [];
  const pending = [''];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    signal.throwIfAborted();
    const names = await readdir(path.join(folder, at)).catch((error: Error) => {
      onSkipped(at, error.message);
      return [];
    });
    for (const name of names) {
      const relative = at === '' ? name : `${at}/${name}`;
      const entry = await lookLocal(folder, relative, rules, cache, onSkipped);
      if (entry === undefined) continue;
      found.push(entry);
      if (entry.kind === 'directory') pending.push(relative);
    }
  }
  return found;
}

/** undefined: not there, ignored, or not to be read. */
export async function lookLocal(
  folder: string,
  relative: string,
  rules: IgnoreRules,
  cache: HashCache,
  onSkipped: (name: string, reason: string) => void,
): Promise<ManifestEntry | undefined> {
  const full = path.join(folder, relative);
  try {
    const stats = await lstat(full);
    if (rules.ignores(relative, stats.isDirectory())) return undefined;
    const common = { path: relative, mode: modeOf(stats), mtimeMs: stats.mtimeMs };
    if (stats.isDirectory()) return { ...common, kind: 'directory', size: 0, hash: '' };
    if (stats.isSymbolicLink()) return { ...common, kind: 'link', size: 0, hash: await readlink(full) };
    if (!stats.isFile()) return undefined;
    return { ...common, kind: 'file', size: stats.size, hash: await hashOf(full, relative, stats, cache) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') onSkipped(relative, message);
    return undefined;
  }
}

/** Windows has no permission bits: scripts must stay executable all the same. */
function modeOf(stats: Stats): number {
  return process.platform === 'win32' ? 0o755 : stats.mode & 0o777;
}

async function hashOf(full: string, relative: string, stats: Stats, cache: HashCache): Promise<string> {
  const signature = `${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
  const known = cache.get(relative);
  if (known?.signature === signature) return known.hash;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(full) as AsyncIterable<Uint8Array>) hash.update(chunk);
  const result = hash.digest('hex');
  cache.set(relative, { signature, hash: result });
  return result;
}
