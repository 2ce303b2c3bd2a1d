import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { FileTree, TreeEntry } from './file-tree.ts';

/** A tree for tests: paths with content; a value with `->` in front is a symlink, one that is null a folder. */
export function memoryTree(files: Readonly<Record<string, string | null>>): FileTree {
  const entries = new Map<string, TreeEntry>();
  const entry = (kind: TreeEntry['kind'], size: number, target = ''): TreeEntry => {
    const mode = kind === 'directory' ? 0o755 : kind === 'symlink' ? 0o777 : 0o644;
    return { kind, mode, uid: 0, gid: 0, mtime: 1_700_000_000, size, target };
  };
  entries.set('', entry('directory', 0));
  for (const [path, content] of Object.entries(files)) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      if (!entries.has(path.slice(0, slash))) entries.set(path.slice(0, slash), entry('directory', 0));
    }
    if (content === null) entries.set(path, entry('directory', 0));
    else if (content.startsWith('->')) entries.set(path, entry('symlink', 0, content.slice(2)));
    else entries.set(path, entry('file', content.length));
  }
  return {
    entry: (path) => entries.get(path),
    children: (path) => {
      const prefix = path === '' ? '' : `${path}/`;
      const below = [...entries.keys()].filter((name) => name !== '' && name.startsWith(prefix));
      return below
        .map((name) => name.slice(prefix.length))
        .filter((name) => !name.includes('/'))
        .sort();
    },
    copyContent: (path, destination) => writeFileSync(destination, files[path] ?? ''),
    readInto: (path, buffer, position) => void Buffer.from(files[path] ?? '').copy(buffer, 0, position),
    read: (path) => Readable.from([Buffer.from(files[path] ?? '')]),
    digest: (path) => `digest of ${files[path] ?? ''}`,
  };
}
