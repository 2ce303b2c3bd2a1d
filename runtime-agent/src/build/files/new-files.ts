/**
 * What copyInto would write, worked out before anything is written: the files of a layer, when all of them are new. Many files
 * are then one tar stream (see snapshots/new-layer.ts) instead of several system calls of the engine for each.
 */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import type { Owner } from '../../host/id-mapping.ts';
import type { NewFile } from '../../snapshots/new-layer.ts';
import type { TarEntry, TarType } from '../../snapshots/tar-entry.ts';
import { type CopyInto, landing, modeOfNewFolders } from './copy-into.ts';
import { type FileTree, joinPath, type TreeEntry, walkTree } from './file-tree.ts';
import { pathInRoot } from './path-in-root.ts';
import { createTimeSlice } from './time-slice.ts';

export interface NewFiles {
  readonly files: ReadonlyMap<string, NewFile>;
  /** Folders that are there and whose content or time changes, with those above them; the value: their new time, in seconds. */
  readonly touched: ReadonlyMap<string, number | undefined>;
}

/** The general way has to do it: something is in the way, is merged with, or cannot be told in advance. */
class NotNew extends Error {}

const TYPES: Readonly<Record<TreeEntry['kind'], TarType | undefined>> = {
  file: '0',
  symlink: '2',
  directory: '5',
  other: undefined,
};

/** @param now seconds. Undefined when not all is new: copyInto then says what is wrong, or merges. */
export async function planNewFiles(copies: readonly CopyInto[], now: number): Promise<NewFiles | undefined> {
  const plan = createPlan(now);
  try {
    for (const copy of copies) await planOne(plan, copy);
    return plan;
  } catch (error) {
    const aborted = copies.some(({ signal }) => signal.aborted);
    if (!aborted && (error instanceof NotNew || 'code' in (error as Error))) return undefined;
    throw error;
  }
}

async function planOne(plan: Plan, copy: CopyInto): Promise<void> {
  if (copy.parents) throw new NotNew();
  for (const source of copy.sources) {
    const entry = copy.tree.entry(source.path);
    if (entry === undefined) continue;
    const planned = within(copy, pathInRoot(copy.root, copy.destination));
    const intoFolder = plan.files.get(planned)?.entry.type === '5';
    const into = intoFolder && entry.kind !== 'directory' ? `${copy.destination}/` : copy.destination;
    const target = within(copy, landing({ ...copy, destination: into }, source, entry));
    if (entry.kind === 'directory') await planFolder(plan, copy, { path: source.path, entry, target });
    else {
      plan.folders(copy, path.posix.dirname(target));
      plan.add(copy, { path: source.path, entry, target });
    }
  }
}

interface Place {
  /** In the tree. */
  readonly path: string;
  readonly entry: TreeEntry;
  /** In the layer. */
  readonly target: string;
}

async function planFolder(plan: Plan, copy: CopyInto, { path: source, entry, target }: Place): Promise<void> {
  const pause = createTimeSlice(copy.signal);
  plan.folders(copy, target);
  const folders: [string, number][] = [[target, entry.mtime]];
  for (const { path: below, entry: found, isPassage = false } of walkTree(copy.tree, source, copy.excluded)) {
    if (below === '') continue;
    const into = joinPath(target, below);
    plan.add(copy, { path: joinPath(source, below), entry: found, target: into });
    if (found.kind === 'directory' && !isPassage) folders.push([into, found.mtime]);
    await pause();
  }
  for (const [folder, mtime] of folders) plan.setTime(folder, mtime);
}

const within = ({ root }: CopyInto, file: string): string => file.slice(root.length + 1);

interface Plan extends NewFiles {
  /** The folder and those above it, as makeDirectories makes them. */
  folders(copy: CopyInto, folder: string): void;
  add(copy: CopyInto, place: Place): void;
  setTime(folder: string, mtime: number): void;
}

function createPlan(now: number): Plan {
  const files = new Map<string, NewFile>();
  const touched = new Map<string, number | undefined>();

  const setTime = (folder: string, mtime: number): void => {
    const planned = files.get(folder);
    const time = String(Math.floor(mtime));
    if (planned !== undefined) files.set(folder, { ...planned, entry: { ...planned.entry, mtime: time } });
    else if (folder !== '') touch(folder, mtime);
  };
  /** The kernel copies a folder up with those above it, and leaves their times alone. */
  const touch = (folder: string, mtime: number): void => {
    for (let slash = folder.indexOf('/'); slash !== -1; slash = folder.indexOf('/', slash + 1)) {
      const above = folder.slice(0, slash);
      if (!touched.has(above)) touched.set(above, undefined);
    }
    touched.set(folder, mtime);
  };
  /** What is on disk at a path of the layer, where nothing is planned. */
  const found = ({ root }: CopyInto, target: string) => {
    if (files.get(parentOf(target))?.entry.type === '5') return undefined;
    return lstatSync(path.join(root, target), { throwIfNoEntry: false });
  };
  const put = (target: string, file: NewFile): void => {
    files.set(target, file);
    setTime(parentOf(target), now);
  };
  return {
    files,
    touched,
    setTime,
    folders(copy, folder) {
      let at = '';
      for (const part of folder.split('/')) {
        if (part === '' || part === '.') continue;
        at = joinPath(at, part);
        const planned = files.get(at)?.entry.type;
        if (planned === '5') continue;
        const existing = planned === undefined ? found(copy, at) : undefined;
        if (existing?.isDirectory()) continue;
        if (planned !== undefined || existing !== undefined) throw new NotNew();
        const owner = copy.owner ?? { uid: 0, gid: 0 };
        put(at, { entry: newEntry(at, { type: '5', mode: modeOfNewFolders(copy), owner, mtime: now }) });
      }
    },
    add(copy, { path: source, entry, target }) {
      const planned = files.get(target)?.entry;
      const existing = planned === undefined ? found(copy, target) : undefined;
      const replaces = entry.kind !== 'directory' && !existing?.isDirectory() && planned?.type === '0';
      const merges = entry.kind === 'directory' && planned?.type === '5';
      if (planned !== undefined ? !replaces && !merges : existing !== undefined && !isReplaced(entry, existing))
        throw new NotNew();
      put(target, newFile(copy, { path: source, entry, target }));
    },
  };
}

function isReplaced(entry: TreeEntry, existing: { isDirectory(): boolean }): boolean {
  return entry.kind !== 'directory' && !existing.isDirectory();
}

function parentOf(target: string): string {
  return target.slice(0, Math.max(0, target.lastIndexOf('/')));
}

function newFile({ tree, owner, mode }: CopyInto, { path: source, entry, target }: Place): NewFile {
  const type = TYPES[entry.kind];
  if (type === undefined || entry.inode !== undefined || tree.readInto === undefined) throw new NotNew();
  const bits = type === '2' ? 0o777 : (mode?.apply(entry.mode, type === '5') ?? entry.mode);
  const plain = newEntry(target, { type, mode: bits, owner: owner ?? entry, mtime: entry.mtime });
  if (type === '2') return { entry: { ...plain, linkName: bytes(entry.target) } };
  if (type === '5') return { entry: plain };
  const digest = tree.digest(source);
  const known = typeof digest === 'string' ? digest : undefined;
  return { entry: { ...plain, size: entry.size }, read: reader(tree, source), digest: known };
}

function reader(tree: FileTree, source: string): (buffer: Buffer, position: number) => void {
  return (buffer, position) => tree.readInto?.(source, buffer, position);
}

interface Attributes {
  readonly type: TarType;
  readonly mode: number;
  readonly owner: Owner;
  readonly mtime: number;
}

function newEntry(name: string, { type, mode, owner: { uid, gid }, mtime }: Attributes): TarEntry {
  const rest = { linkName: '', size: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  return { type, name: bytes(name), mode, uid, gid, mtime: String(Math.floor(mtime)), ...rest };
}

function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
