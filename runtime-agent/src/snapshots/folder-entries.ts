import { readFile, rm } from 'node:fs/promises';
import type { Host } from '../host/host.ts';
import type { TarEntry } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';

/**
 * Folders as entries of a tar, with the extended attributes that Node cannot read.
 * @param names relative to the root, none through a symlink
 * @param scratch a file that does not exist
 */
export async function folderEntries(
  host: Host,
  root: string,
  names: readonly string[],
  scratch: string,
): Promise<readonly TarEntry[]> {
  const attributes = ['--format=posix', '--xattrs', '--xattrs-include=*', '--numeric-owner'];
  const words = ['--create', '--file=-', '--no-recursion', ...attributes, '--', ...names.map((name) => `./${name}`)];
  try {
    await host.runToFile('tar', words, { cwd: root, file: scratch });
    const entries: TarEntry[] = [];
    const reader = createTarReader({ entry: (entry) => void entries.push(entry), data: () => {} });
    reader.feed(await readFile(scratch));
    reader.end();
    return entries.map((entry) => ({
      ...entry,
      ...host.ids.toContainer(entry),
      name: entry.name.replace(/^\.\//, '').replace(/\/$/, ''),
      xattrs: entry.xattrs.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    }));
  } finally {
    await rm(scratch, { force: true });
  }
}
