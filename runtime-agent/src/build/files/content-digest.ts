import { createHash } from 'node:crypto';
import { type FileTree, joinPath, walkTree } from './file-tree.ts';
import type { SelectedSource } from './select-sources.ts';
import { createTimeSlice } from './time-slice.ts';

/**
 * What a COPY would put down, as one hash: names, kinds, modes, owners, link targets and contents of all selected files.
 * Times are left out: a checkout or a `touch` changes nothing that counts.
 */
export async function contentDigest(
  tree: FileTree,
  sources: readonly SelectedSource[],
  excluded: (path: string) => boolean,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const pause = createTimeSlice(signal);
  for (const source of sources) {
    const isFolder = tree.entry(source.path)?.kind === 'directory';
    hash.update(`${source.name}\0`);
    for (const { path, entry } of walkTree(tree, source.path, excluded)) {
      // A folder that is itself a source gives only what is in it.
      const shown = path === '' && isFolder ? [] : [entry.mode, entry.uid, entry.gid];
      const content = entry.kind === 'file' ? await tree.digest(joinPath(source.path, path)) : entry.target;
      hash.update(`${[path, entry.kind, ...shown, content].join('\0')}\n`);
      await pause();
    }
  }
  return hash.digest('hex');
}
