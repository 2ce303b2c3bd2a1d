/** Writes selected files into a mounted root file system, as COPY and ADD put them there. */
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { type FileTree, joinPath, type TreeEntry, walkTree } from './file-tree.ts';
import type { ModeChange } from './mode-change.ts';
import { makeDirectories, type Owner, pathInRoot } from './path-in-root.ts';
import type { SelectedSource } from './select-sources.ts';
import { createTimeSlice } from './time-slice.ts';

export interface CopyInto {
  readonly tree: FileTree;
  readonly sources: readonly SelectedSource[];
  /** Host path of the mounted root. */
  readonly root: string;
  /** Absolute path in the container; a slash at its end makes it a folder. */
  readonly destination: string;
  /** For everything copied; undefined keeps each file's own. */
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
  readonly excluded: (path: string) => boolean;
  /** There is more than one source in all: the destination is a folder. */
  readonly many: boolean;
  /** Something else where a folder belongs is replaced (archives), not an error (COPY). */
  readonly replace: boolean;
  /** Copies what Node cannot: extended attributes of a source (a path of the tree) to where it went. */
  readonly attributes?: (source: string, target: string) => Promise<void>;
  /** `--parents`: a source lands under its own folders' names. */
  readonly parents: boolean;
  readonly signal: AbortSignal;
}

const ROOT: Owner = { uid: 0, gid: 0 };

/** The contents of source folders go into the destination; a file goes to it, or into it when it is a folder. */
export async function copyInto(copy: CopyInto): Promise<void> {
  const writer = createWriter(copy);
  const owner = copy.owner ?? ROOT;
  for (const source of copy.sources) {
    const entry = copy.tree.entry(source.path);
    if (entry === undefined) continue;
    const target = pathInRoot(copy.root, landing(copy, source, entry));
    if (entry.kind === 'directory') {
      const isNew = lstatSync(target, { throwIfNoEntry: false }) === undefined;
      makeDirectories(copy.root, target, owner);
      await writer.contents(source.path, target);
      await copy.attributes?.(source.path, target);
      if (isNew && copy.mode) chmodSync(target, copy.mode.apply(0o755, true));
      utimesSync(target, entry.mtime, entry.mtime);
    } else if (!copy.excluded(source.name)) {
      makeDirectories(copy.root, path.dirname(target), owner);
      await writer.file(source.path, entry, target);
      await copy.attributes?.(source.path, target);
    }
  }
}

/** Where in the container a source lands. */
function landing(copy: CopyInto, source: SelectedSource, entry: TreeEntry): string {
  if (copy.parents) return path.posix.join(copy.destination, source.name);
  if (entry.kind === 'directory') return copy.destination;
  const existing = lstatSync(pathInRoot(copy.root, copy.destination), { throwIfNoEntry: false });
  const intoFolder = copy.destination.endsWith('/') || copy.many || existing?.isDirectory() === true;
  return intoFolder ? path.posix.join(copy.destination, source.name) : copy.destination;
}

interface TreeWriter {
  /** What is in the source directory, into a directory that exists. */
  contents(source: string, target: string): Promise<void>;
  file(source: string, entry: TreeEntry, target: string): Promise<void>;
}

function createWriter({ tree, root, owner, mode, excluded, replace, signal }: CopyInto): TreeWriter {
  const linked = new Map<string, string>();
  const pause = createTimeSlice(signal);

  const attributes = (target: string, entry: TreeEntry): void => {
    const { uid, gid } = owner ?? entry;
    if (entry.kind === 'symlink') {
      lchownSync(target, uid, gid);
      lutimesSync(target, entry.mtime, entry.mtime);
      return;
    }
    chownSync(target, uid, gid);
    const isDirectory = entry.kind === 'directory';
    chmodSync(target, mode === undefined ? entry.mode : mode.apply(entry.mode, isDirectory));
    utimesSync(target, entry.mtime, entry.mtime);
  };

  const directory = (entry: TreeEntry, target: string): void => {
    const found = lstatSync(target, { throwIfNoEntry: false });
    const inTheWay = found !== undefined && !found.isDirectory();
    if (inTheWay && !replace) {
      throw new EngineError('invalid', `cannot copy to non-directory: ${target.slice(root.length)}`);
    }
    if (inTheWay) rmSync(target);
    if (inTheWay || found === undefined) mkdirSync(target);
    attributes(target, entry);
  };

  const file = async (source: string, entry: TreeEntry, target: string): Promise<void> => {
    const found = lstatSync(target, { throwIfNoEntry: false });
    if (found?.isDirectory() && !replace) {
      throw new EngineError('invalid', `cannot replace to directory ${target.slice(root.length)} with file`);
    }
    if (found !== undefined) rmSync(target, { recursive: replace });
    const first = entry.inode === undefined ? undefined : linked.get(entry.inode);
    if (first !== undefined) {
      linkSync(first, target);
      return;
    }
    if (entry.inode !== undefined) linked.set(entry.inode, target);
    if (entry.kind === 'symlink') symlinkSync(entry.target, target);
    else if (entry.kind === 'file') await tree.copyContent(source, target);
    else throw new EngineError('invalid', `cannot copy ${source}: it is a device, a pipe or a socket`);
    attributes(target, entry);
  };

  return {
    file,
    async contents(source, target) {
      const directories: [string, TreeEntry][] = [];
      for (const { path: below, entry } of walkTree(tree, source, excluded)) {
        if (below === '') continue;
        const into = joinPath(target, below);
        if (entry.kind === 'directory') {
          directory(entry, into);
          directories.push([into, entry]);
        } else await file(joinPath(source, below), entry, into);
        await pause();
      }
      // Writing into a directory changes its time: those of the source come last.
      for (const [into, entry] of directories) utimesSync(into, entry.mtime, entry.mtime);
    },
  };
}
