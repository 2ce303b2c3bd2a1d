/**
 * Puts one pushed entry in place. A file that exists keeps its inode (mounted single files, inotify watches on inodes and
 * open editors stay connected, as when an editor saves); its whole new content was received and checked before. What the
 * sender did not know of is kept as a conflict copy, never overwritten.
 */
import { constants, type BigIntStats } from 'node:fs';
import { lchown, lstat, mkdir, readlink, rename, rmdir, symlink, unlink } from 'node:fs/promises';
import type { EntryKind } from '#model/slipway-api/workspaces.ts';
import type { HashMemory } from './content-hash.ts';
import { copyContent, openFile } from './file-content.ts';
import { type DirectoryChain, type Owner, relativeParts } from './directory-chain.ts';

export interface PushedEntry {
  readonly path: string;
  readonly kind: EntryKind | 'whiteout';
  readonly mode: number;
  /** See PAX_BASE; undefined replaces whatever is there. */
  readonly base: string | undefined;
  readonly linkTarget?: string;
  /** A file's received content: on the same file system, outside of the container's reach. Moved or copied, maybe left. */
  readonly staged?: { readonly file: string; readonly hash: string };
}

export interface ApplyPlace {
  readonly chain: DirectoryChain;
  readonly memory: HashMemory;
  readonly owner: Owner | undefined;
  /** Keeps what was at the path (named relative to the root); tells where. Moves it, or copies a file for 'copy'. */
  readonly keep: (path: string, from: string, how: 'move' | 'copy') => Promise<string>;
}

export interface Applied {
  readonly outcome: 'written' | 'removed' | 'same';
  readonly keptAs?: string;
}

interface Present {
  readonly kind: EntryKind | 'other';
  readonly hash: string;
  readonly stats: BigIntStats;
}

export async function applyEntry(entry: PushedEntry, place: ApplyPlace): Promise<Applied> {
  const parts = relativeParts(entry.path);
  const name = parts.at(-1);
  if (name === undefined) return { outcome: 'same' };
  const path = parts.join('/');
  const parent = await place.chain.enter(
    parts.slice(0, -1),
    entry.kind === 'whiteout'
      ? undefined
      : { owner: place.owner, displace: async (obstacle, at) => void (await place.keep(at, obstacle, 'move')) },
  );
  if (parent === undefined) return { outcome: 'same' };
  const target = `${parent}/${name}`;
  const present = await describe(path, target, place.memory);
  if (isSame(entry, present)) {
    if (entry.kind === 'file') await adjustMode(target, entry.mode);
    return { outcome: 'same' };
  }
  const foreign = present !== undefined && entry.base !== undefined && entry.base !== baseOf(present);
  if (entry.kind === 'whiteout') return await removeEntry(path, target, present, foreign, place);
  const inPlace = present?.kind === 'file' && entry.kind === 'file';
  let keptAs: string | undefined;
  if (present !== undefined && !inPlace) keptAs = await clearTheWay(path, target, present, foreign, place);
  else if (foreign) keptAs = await place.keep(path, target, 'copy');
  await write(entry, target, inPlace, place);
  if (entry.kind === 'file' && entry.staged !== undefined) {
    place.memory.remember(path, await lstat(target, { bigint: true }), entry.staged.hash);
  }
  return { outcome: 'written', ...(keptAs === undefined ? {} : { keptAs }) };
}

async function describe(path: string, target: string, memory: HashMemory): Promise<Present | undefined> {
  let stats: BigIntStats;
  try {
    stats = await lstat(target, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (stats.isDirectory()) return { kind: 'directory', hash: '', stats };
  if (stats.isSymbolicLink()) return { kind: 'link', hash: await readlink(target), stats };
  if (!stats.isFile()) return { kind: 'other', hash: '', stats };
  await using handle = await openFile(target, constants.O_RDONLY);
  return { kind: 'file', hash: await memory.hashOf(path, handle), stats };
}

function isSame(entry: PushedEntry, present: Present | undefined): boolean {
  if (entry.kind === 'whiteout') return present === undefined;
  if (present === undefined || present.kind !== entry.kind) return false;
  if (entry.kind === 'directory') return true;
  return present.hash === (entry.kind === 'link' ? entry.linkTarget : entry.staged?.hash);
}

/** What a sender that knew this state would have given as its base; nobody can know of a pipe or a device. */
function baseOf(present: Present): string | undefined {
  return present.kind === 'other' ? undefined : present.hash;
}

async function removeEntry(
  path: string,
  target: string,
  present: Present | undefined,
  foreign: boolean,
  place: ApplyPlace,
): Promise<Applied> {
  if (present === undefined) return { outcome: 'same' };
  if (present.kind === 'directory') {
    try {
      await rmdir(target);
    } catch (error) {
      // what containers made in it (node_modules, build results) stays
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return { outcome: 'same' };
      throw error;
    }
    return { outcome: 'removed' };
  }
  const keptAs = foreign ? await place.keep(path, target, 'move') : undefined;
  if (!foreign) await unlink(target);
  place.memory.forget(path);
  return { outcome: 'removed', ...(keptAs === undefined ? {} : { keptAs }) };
}

/** Something of another kind is at the place. */
async function clearTheWay(
  path: string,
  target: string,
  present: Present,
  foreign: boolean,
  place: ApplyPlace,
): Promise<string | undefined> {
  if (present.kind === 'directory') {
    try {
      await rmdir(target);
      return undefined;
    } catch {
      return await place.keep(path, target, 'move');
    }
  }
  if (foreign) return await place.keep(path, target, 'move');
  await unlink(target);
  return undefined;
}

async function write(entry: PushedEntry, target: string, inPlace: boolean, place: ApplyPlace): Promise<void> {
  const own = async (path: string): Promise<void> => {
    if (place.owner !== undefined) await lchown(path, place.owner.uid, place.owner.gid);
  };
  if (entry.kind === 'directory') {
    await mkdir(target);
    await own(target);
  } else if (entry.kind === 'link') {
    await symlink(entry.linkTarget ?? '', target);
    await own(target);
  } else if (entry.staged !== undefined) {
    if (inPlace) await overwrite(target, entry.staged.file, entry.mode);
    else {
      await own(entry.staged.file);
      await rename(entry.staged.file, target);
    }
  }
}

async function overwrite(target: string, staged: string, mode: number): Promise<void> {
  await using source = await openFile(staged, constants.O_RDONLY);
  await using handle = await openFile(target, constants.O_WRONLY);
  await copyContent(source, handle);
  await handle.chmod(mode & 0o777);
}

async function adjustMode(target: string, mode: number): Promise<void> {
  await using handle = await openFile(target, constants.O_RDONLY);
  if (((await handle.stat()).mode & 0o777) !== (mode & 0o777)) await handle.chmod(mode & 0o777);
}
