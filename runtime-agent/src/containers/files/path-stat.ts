/** The `X-Docker-Container-Path-Stat` of a file. */
import type { Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { type ContainerView, type Resolved, resolvePlace } from './container-view.ts';

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode, not the kernel's. */
  readonly mode: number;
  readonly mtime: string;
  /** Absolute in the container, links on the way resolved; '' when it is no link. */
  readonly linkTarget: string;
}

/** Bits of Go's os.FileMode (pkg.go.dev/os#FileMode). */
const GO_DIRECTORY = 2 ** 31;
const GO_SYMLINK = 2 ** 27;
const GO_DEVICE = 2 ** 26;
const GO_FIFO = 2 ** 25;
const GO_SOCKET = 2 ** 24;
const GO_SETUID = 2 ** 23;
const GO_SETGID = 2 ** 22;
const GO_CHARACTER = 2 ** 21;
const GO_STICKY = 2 ** 20;

export function goFileMode(stat: Pick<Stats, 'mode'>): number {
  const { mode } = stat;
  const kinds: Readonly<Record<number, number>> = {
    0o040000: GO_DIRECTORY,
    0o120000: GO_SYMLINK,
    0o060000: GO_DEVICE,
    0o020000: GO_DEVICE + GO_CHARACTER,
    0o010000: GO_FIFO,
    0o140000: GO_SOCKET,
  };
  const special = (mode & 0o4000 ? GO_SETUID : 0) + (mode & 0o2000 ? GO_SETGID : 0) + (mode & 0o1000 ? GO_STICKY : 0);
  return (mode & 0o777) + (kinds[mode & 0o170000] ?? 0) + special;
}

async function linkTarget(view: ContainerView, found: Resolved): Promise<string> {
  const target = path.posix.resolve(path.posix.dirname(found.place), await readlink(found.path));
  try {
    await using end = await resolvePlace(view, found.place, true);
    return end.place;
  } catch {
    return target; // a link to nowhere
  }
}

/** @param asked the path as the client wrote it */
export async function pathStat(view: ContainerView, found: Resolved, asked: string): Promise<PathStat> {
  const { stat } = found;
  return {
    name: path.posix.basename(asked) || '/',
    size: stat.size,
    mode: goFileMode(stat),
    mtime: stat.mtime.toISOString(),
    linkTarget: stat.isSymbolicLink() ? await linkTarget(view, found) : '',
  };
}
