/** What a container changed, read from its overlayfs upper directory, as `docker diff` lists it. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { FilesystemChange } from '#model/engine-api/types.ts';
import type { Host } from '../host/host.ts';
import { createTarReader } from './tar-reader.ts';

const MODIFIED = 0;
const ADDED = 1;
const DELETED = 2;

/**
 * @param lower the layer directories below, in any order
 * Kinds: 0 modified, 1 added, 2 deleted; the directories above a change are listed as modified.
 */
export async function upperChanges(host: Host, upper: string, lower: readonly string[]): Promise<FilesystemChange[]> {
  const kinds = new Map<string, 0 | 1 | 2>();
  const merged: string[] = [];
  walk('');
  for (const hidden of await hiddenByOpaque(host, upper, lower, merged)) if (!kinds.has(hidden)) note(hidden, DELETED);
  return [...kinds].map(([Path, Kind]) => ({ Path, Kind })).sort((a, b) => (a.Path < b.Path ? -1 : 1));

  function note(name: string, kind: 0 | 1 | 2): void {
    for (let up = path.dirname(name); up !== '/'; up = path.dirname(up)) if (!kinds.has(up)) kinds.set(up, MODIFIED);
    kinds.set(name, kind);
  }

  function walk(directory: string): void {
    for (const base of readdirSync(path.join(upper, directory))) {
      const name = `${directory}/${base}`;
      const own = lstatSync(path.join(upper, name));
      const below = statBelow(lower, name);
      if (own.isCharacterDevice() && own.rdev === 0) {
        note(name, DELETED);
        continue;
      }
      const bothDirectories = own.isDirectory() && below?.isDirectory() === true;
      if (bothDirectories) merged.push(name);
      if (!bothDirectories || !sameAttributes(own, below)) note(name, below === undefined ? ADDED : MODIFIED);
      if (own.isDirectory()) walk(name);
    }
  }
}

/** As the lower layers show it: a whiteout in one of them is good enough to say that it may not exist. */
function statBelow(lower: readonly string[], name: string): Stats | undefined {
  for (const layer of lower) {
    const found = lstatSync(path.join(layer, name), { throwIfNoEntry: false });
    if (found) return found.isCharacterDevice() && found.rdev === 0 ? undefined : found;
  }
  return undefined;
}

function sameAttributes(a: Stats, b: Stats): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.mtimeMs === b.mtimeMs;
}

/** Names that a directory made anew hides. Opaqueness is an extended attribute, which Node cannot read: tar can. */
async function hiddenByOpaque(
  host: Host,
  upper: string,
  lower: readonly string[],
  directories: readonly string[],
): Promise<string[]> {
  if (directories.length === 0) return [];
  const opaque: string[] = [];
  const reader = createTarReader({
    entry: ({ name, xattrs }) => {
      const marked = xattrs.some(([key, value]) => key === 'trusted.overlay.opaque' && value === 'y');
      if (marked) opaque.push(Buffer.from(name.replace(/^\.|\/$/g, ''), 'latin1').toString());
    },
    data: () => {},
  });
  const args = ['--create', '--file=-', '--format=posix', '--xattrs', '--xattrs-include=trusted.overlay.*'];
  const process = host.spawn('tar', [...args, '--no-recursion', '--null', '--files-from=-'], {
    cwd: upper,
    stdin: 'pipe',
    stderr: 'ignore',
  });
  process.stdin?.end(directories.map((name) => `.${name}\0`).join(''));
  for await (const chunk of (process.stdout ?? []) as AsyncIterable<Buffer>) reader.feed(chunk);
  await process.exited;
  return opaque.flatMap((directory) => {
    const names = new Set(lower.flatMap((layer) => entries(path.join(layer, directory))));
    const own = new Set(entries(path.join(upper, directory)));
    return [...names].filter((name) => !own.has(name)).map((name) => `${directory}/${name}`);
  });
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
