import { createHash } from 'node:crypto';
import { type FileTree, joinPath, type Skip, walkTree } from './file-tree.ts';
import type { SelectedSource } from './select-sources.ts';
import { createTimeSlice } from './time-slice.ts';

const BATCH = 512; // lines

/**
 * What a COPY would put down, as one hash: names, kinds, modes, owners, link targets and contents of all selected files.
 * Times are left out: a checkout or a `touch` changes nothing that counts.
 */
export async function contentDigest(
  tree: FileTree,
  sources: readonly SelectedSource[],
  excluded: Skip,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const lines: string[] = []; // many small updates take longer than the hash itself
  const flush = (): void => {
    hash.update(lines.join(''));
    lines.length = 0;
  };
  const pause = createTimeSlice(signal);
  for (const source of sources) {
    const isFolder = tree.entry(source.path)?.kind === 'directory';
    lines.push(`${source.name}\0`);
    for (const { path, entry } of walkTree(tree, source.path, excluded)) {
      // A folder that is itself a source gives only what is in it.
      const shown = path === '' && isFolder ? [] : [entry.mode, entry.uid, entry.gid];
      const found = entry.kind === 'file' ? tree.digest(joinPath(source.path, path)) : entry.target;
      const content = typeof found === 'string' ? found : await found; // to wait for what is here costs more than it does
      lines.push(`${[path, entry.kind, ...shown, content].join('\0')}\n`);
      if (lines.length >= BATCH) flush();
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  }
  flush();
  return hash.digest('hex');
}
