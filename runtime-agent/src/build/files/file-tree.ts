/** Files that COPY and ADD take from: the build context, or the root of a stage or image. */
import type { Readable } from 'node:stream';

export interface TreeEntry {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds. */
  readonly mtime: number;
  readonly size: number;
  /** Of a symlink. */
  readonly target: string;
  /** Of a pipe or device: what mknod(1) takes. */
  readonly node?: readonly string[];
  /** Equal for hard links of one file; undefined when the file has one name only. */
  readonly inode?: string;
}

/** Paths are relative to the tree's root, with slashes, without a leading one; '' is the root. */
export interface FileTree {
  /** The entry itself: a symlink is not followed. */
  entry(path: string): TreeEntry | undefined;
  /** Names in a directory, sorted. */
  children(path: string): readonly string[];
  /** Makes a new file at `destination`, which does not exist yet, with the content of the regular file at `path`. */
  copyContent(path: string, destination: string): void | Promise<void>;
  /** Fills the buffer with the content of the regular file from `position` on, where a tree has it at hand. */
  readInto?(path: string, buffer: Buffer, position: number): void;
  /** The content of the regular file. */
  read(path: string): Readable;
  /** Path on the host of the entry, where it has one. */
  hostPath?(path: string): string;
  /** SHA-256 of a regular file's content, in hex. */
  digest(path: string): string | Promise<string>;
}

export function joinPath(directory: string, name: string): string {
  if (directory === '' || name === '') return directory + name;
  return `${directory}/${name}`;
}

export interface Walked {
  /** Relative to where the walk started; '' is that itself. */
  readonly path: string;
  readonly entry: TreeEntry;
  /** A folder that is left out itself, on the way to what is not. */
  readonly isPassage?: true;
}

/** Leaves out with what is below, keeps, or leaves a folder out whose content may be kept. */
export type Skip = (path: string, isFolder: boolean) => boolean | 'passage';

/** The entry at `start` and all below it, parents first, in the order of their names. Folders on the way come only when something below them does. */
export function* walkTree(tree: FileTree, start: string, skip: Skip = () => false): Generator<Walked> {
  const entry = tree.entry(start);
  if (entry === undefined) return;
  yield { path: '', entry };
  if (entry.kind !== 'directory') return;
  const pending = tree.children(start).toReversed();
  const passages: Walked[] = [];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const found = tree.entry(joinPath(start, path));
    const how = found === undefined || skip(path, found.kind === 'directory');
    if (found === undefined || how === true) continue;
    while (passages.length > 0 && !path.startsWith(`${passages.at(-1)?.path}/`)) passages.pop();
    if (how === 'passage') passages.push({ path, entry: found, isPassage: true });
    else {
      yield* passages.splice(0);
      yield { path, entry: found };
    }
    if (found.kind !== 'directory') continue;
    const names = tree.children(joinPath(start, path));
    for (let i = names.length - 1; i >= 0; i--) pending.push(`${path}/${names[i]}`);
  }
}

const LINK_LIMIT = 255;

/**
 * Where a path leads when its symlinks are followed inside the tree: absolute targets start at its root, `..` never climbs
 * above it. Undefined when nothing is there, or the links go round in circles.
 */
export function followLinks(tree: FileTree, path: string): string | undefined {
  const pending = path.split('/').reverse();
  const done: string[] = [];
  for (let part = pending.pop(), links = 0; part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const entry = tree.entry([...done, part].join('/'));
    if (entry === undefined || links > LINK_LIMIT) return undefined;
    if (entry.kind !== 'symlink') {
      done.push(part);
      continue;
    }
    links++;
    if (entry.target.startsWith('/')) done.length = 0;
    pending.push(...entry.target.split('/').reverse());
  }
  const found = done.join('/');
  return tree.entry(found) === undefined ? undefined : found;
}
