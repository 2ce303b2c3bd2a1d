/** Writes selected files into a mounted root file system, as COPY and ADD put them there. */
import {
  chmodSync,
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
import { type FileTree, joinPath, type Skip, type TreeEntry, walkTree } from './file-tree.ts';
import type { IdMapping, Owner } from '../../host/id-mapping.ts';
import type { ModeChange } from './mode-change.ts';
import { makeDirectories, pathInRoot } from './path-in-root.ts';
import type { SelectedSource } from './select-sources.ts';
import { createTimeSlice } from './time-slice.ts';

export interface CopyInto {
  readonly tree: FileTree;
  readonly sources: readonly SelectedSource[];
  readonly ids: IdMapping;
  /** Host path of the mounted root. */
  readonly root: string;
  /** Absolute path in the container; a slash at its end makes it a folder. */
  readonly destination: string;
  /** For everything copied; undefined keeps each file's own. */
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
  readonly excluded: Skip;
  /** Something else where a folder belongs is replaced (archives), not an error (COPY). */
  readonly replace: boolean;
  /** Folders of the tree that are there only for what is in them: what is in their place stays as it is, a symlink is followed. */
  readonly implied?: ReadonlySet<string>;
  /** For trees that are directories of the host: what Node cannot copy. */
  readonly programs?: CopyPrograms;
  /** `--parents`: a source lands under its own folders' names. */
  readonly parents: boolean;
  readonly signal: AbortSignal;
}

/** Sources are paths in the tree, targets on the host. */
export interface CopyPrograms {
  /** Extended attributes of the regular files, whose names are relative to both folders; of the source itself without. */
  attributes(source: string, target: string, files: readonly string[]): Promise<void>;
  /** A device, pipe or socket. */
  special(source: string, target: string): Promise<void>;
}

/** BuildKit's own: folders that come into being above what is copied never get more. */
const UMASK = 0o022;
const ROOT: Owner = { uid: 0, gid: 0 };

/** The contents of source folders go into the destination; a file goes to it, or into it when it is a folder. */
export async function copyInto(copy: CopyInto): Promise<void> {
  try {
    await copyAll(copy);
  } catch (error) {
    const { code, path: at = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTDIR' || !at.startsWith(copy.root)) throw error;
    throw new EngineError('invalid', `mkdir ${path.dirname(at.slice(copy.root.length))}: not a directory`, {
      cause: error,
    });
  }
}

async function copyAll(copy: CopyInto): Promise<void> {
  const writer = createWriter(copy);
  const owner = copy.ids.toHost(copy.owner ?? ROOT);
  const newMode = modeOfNewFolders(copy);
  for (const source of copy.sources) {
    const entry = copy.tree.entry(source.path);
    if (entry === undefined) continue;
    const target = landing(copy, source, entry);
    if (entry.kind === 'directory') {
      if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() === false) throw notFolder(copy, target);
      makeDirectories(copy.root, target, owner, newMode);
      for (const { from, to, files } of await writer.contents(source.path, target)) {
        if (files.length > 0) await copy.programs?.attributes(from, to, files);
      }
      utimesSync(target, entry.mtime, entry.mtime);
    } else if (!copy.parents || !copy.excluded(source.name, false)) {
      makeDirectories(copy.root, path.dirname(target), owner, newMode);
      await writer.file(source.path, entry, target);
      if (entry.kind === 'file') await copy.programs?.attributes(source.path, target, []);
    }
  }
}

/** Of folders that come into being above what is copied. */
export function modeOfNewFolders({ mode }: CopyInto): number {
  return (mode?.octal ?? 0o755) & 0o777 & ~UMASK;
}

/** Where on the host a source lands. What is in a folder under the file's name is replaced, a symlink too. */
export function landing(copy: CopyInto, source: SelectedSource, entry: TreeEntry): string {
  if (copy.parents) return pathInRoot(copy.root, path.posix.join(copy.destination, source.name));
  const there = pathInRoot(copy.root, copy.destination);
  if (entry.kind === 'directory') return there;
  const existing = lstatSync(there, { throwIfNoEntry: false });
  const intoFolder = copy.destination.endsWith('/') || existing?.isDirectory() === true;
  return intoFolder ? path.join(there, source.name) : there;
}

/** Regular files, whose names are relative to a path of the tree and to a folder on the host. */
interface Written {
  readonly from: string;
  readonly to: string;
  readonly files: string[];
}

interface TreeWriter {
  /** What is in the source directory, into a directory that exists. */
  contents(source: string, target: string): Promise<readonly Written[]>;
  file(source: string, entry: TreeEntry, target: string): Promise<void>;
}

function createWriter(copy: CopyInto): TreeWriter {
  const { tree, root, excluded, replace, programs, signal } = copy;
  const linked = new Map<string, string>();
  const pause = createTimeSlice(signal);

  const file = async (source: string, entry: TreeEntry, target: string, fresh = false): Promise<void> => {
    if (!fresh) makeRoom(root, target, replace);
    const first = entry.inode === undefined ? undefined : linked.get(entry.inode);
    if (first !== undefined) {
      linkSync(first, target);
      return;
    }
    if (entry.inode !== undefined) linked.set(entry.inode, target);
    if (entry.kind === 'symlink') symlinkSync(entry.target, target);
    else if (entry.kind === 'file') await tree.copyContent(source, target);
    else if (programs !== undefined) await programs.special(source, target);
    else throw new EngineError('invalid', `cannot copy ${source}: it is a device, a pipe or a socket`);
    setAttributes(copy, target, entry, fresh);
  };

  return {
    file,
    async contents(source, target) {
      // Directories made here: nothing can be in the way in them. The value tells whether they pass on their group.
      const made = new Map<string, boolean>();
      const directories: [string, TreeEntry][] = [];
      const all: Written = { from: source, to: target, files: [] };
      // Folders of the source that are elsewhere in the root, where a symlink leads.
      const moved = new Map<string, Written>();
      for (const { path: below, entry, isPassage = false } of walkTree(tree, source, excluded)) {
        if (below === '') continue;
        const above = moved.get(path.posix.dirname(below));
        const into = above === undefined ? joinPath(target, below) : joinPath(above.to, path.posix.basename(below));
        if (entry.kind === 'directory' && copy.implied?.has(below)) {
          const there = pathInRoot(root, into.slice(root.length));
          makeDirectories(root, there, copy.ids.toHost(ROOT));
          if (there !== joinPath(target, below))
            moved.set(below, { from: joinPath(source, below), to: there, files: [] });
          continue;
        }
        const fresh = made.get(into.slice(0, into.lastIndexOf('/'))) === false;
        if (entry.kind === 'directory') {
          if (makeFolder(copy, into)) made.set(into, (entry.mode & SETGID) !== 0);
          setAttributes(copy, into, entry, fresh);
          // As in BuildKit: the time of a folder that is left out is that of what comes into it.
          if (!isPassage) directories.push([into, entry]);
          if (above !== undefined) moved.set(below, { from: joinPath(source, below), to: into, files: [] });
        } else await file(joinPath(source, below), entry, into, fresh);
        if (entry.kind === 'file') {
          if (above === undefined) all.files.push(below);
          else above.files.push(path.posix.basename(below));
        }
        await pause();
      }
      // Writing into a directory changes its time: those of the source come last.
      for (const [into, entry] of directories) utimesSync(into, entry.mtime, entry.mtime);
      return [all, ...moved.values()];
    },
  };
}

const SETGID = 0o2000;

/** @param fresh made just now in a directory of ours: what the engine makes belongs to root, but a copied file's owner comes along */
function setAttributes({ ids, owner, mode }: CopyInto, target: string, entry: TreeEntry, fresh: boolean): void {
  const { uid, gid } = ids.toHost(owner ?? entry);
  const isRoots = fresh && entry.uid === 0 && entry.gid === 0;
  if (!isRoots || uid !== 0 || gid !== 0) lchownSync(target, uid, gid);
  if (entry.kind === 'symlink') {
    lutimesSync(target, entry.mtime, entry.mtime);
    return;
  }
  const isDirectory = entry.kind === 'directory';
  chmodSync(target, mode === undefined ? entry.mode : mode.apply(entry.mode, isDirectory));
  utimesSync(target, entry.mtime, entry.mtime);
}

/** Makes the directory; false when it was there. */
function makeFolder({ root, replace }: CopyInto, target: string): boolean {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) return false;
  if (found !== undefined && !replace) {
    throw notFolder({ root }, target);
  }
  if (found !== undefined) rmSync(target);
  mkdirSync(target);
  return true;
}

function notFolder({ root }: Pick<CopyInto, 'root'>, target: string): EngineError {
  return new EngineError('invalid', `cannot copy to non-directory: ${target.slice(root.length)}`);
}

/** Removes what is where a file shall be. */
function makeRoom(root: string, target: string, replace: boolean): void {
  const found = lstatSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory() && !replace) {
    throw new EngineError('invalid', `cannot replace to directory ${target.slice(root.length)} with file`);
  }
  if (found !== undefined) rmSync(target, { recursive: replace });
}
