/**
 * A layer between an image and its containers with the places that the engine mounts over, so that a container's own changes
 * (diff, commit) are only what it changed itself. Docker's images in the wild look for /.dockerenv.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, type Stats } from 'node:fs';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { giveToContainers } from '../host/hand-over.ts';
import type { IdMapping } from '../host/id-mapping.ts';

const DIRECTORIES = ['dev', 'dev/pts', 'dev/shm', 'proc', 'sys', 'etc'];
const FILES = ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf'];
const MODE = 0o755;

/** Owner and mode of a directory that the image has, which the layer above must not hide. */
interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** undefined: the image has no such thing, or a file, which a directory hides, as in Docker; 'other': a link, which stays. */
type Known = Owned | 'other' | undefined;

/** A character device 0:0 says that what is below is gone (overlayfs). */
const isWhiteout = (stat: Stats): boolean => stat.isCharacterDevice() && stat.rdev === 0;

function inImage(layers: readonly string[], name: string): Known {
  for (const layer of layers) {
    const stat = lstatSync(path.join(layer, name), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (isWhiteout(stat)) return undefined;
    if (!stat.isDirectory()) return stat.isSymbolicLink() ? 'other' : undefined;
    return { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
  }
  return undefined;
}

function usual(known: Known, ids: IdMapping): boolean {
  if (known === undefined || known === 'other') return known === undefined;
  const root = ids.toHost({ uid: 0, gid: 0 });
  return known.mode === MODE && known.uid === root.uid && known.gid === root.gid;
}

export interface InitLayer {
  readonly directory: string;
  /** By the first component of the path. */
  readonly known: ReadonlyMap<string, Known>;
}

/** @param layers of the image, the topmost first. Images that agree on those directories share one layer. */
export function initLayer(dataRoot: string, ids: IdMapping, layers: readonly string[]): InitLayer {
  const names = DIRECTORIES.filter((name) => !name.includes('/'));
  const known = new Map(names.map((name) => [name, inImage(layers, name)]));
  const odd = [...known].filter(([, one]) => !usual(one, ids));
  const key = createHash('sha256').update(JSON.stringify(odd)).digest('hex').slice(0, 16);
  return { directory: path.join(dataRoot, 'containers', odd.length === 0 ? '.init' : `.init-${key}`), known };
}

export async function makeInitLayer({ directory, known }: InitLayer, ids: IdMapping): Promise<void> {
  if (existsSync(path.join(directory, '.dockerenv'))) return;
  const top = (name: string): Known => known.get(name.split('/', 1)[0] ?? '');
  await mkdir(directory, { recursive: true, mode: MODE });
  await giveToContainers(ids, directory);
  for (const name of DIRECTORIES.filter((one) => top(one) !== 'other')) {
    const place = path.join(directory, name);
    await mkdir(place, { recursive: true, mode: MODE });
    const owned = known.get(name);
    if (owned === undefined || owned === 'other') {
      await giveToContainers(ids, place);
      continue;
    }
    await chown(place, owned.uid, owned.gid);
    await chmod(place, owned.mode);
  }
  if (top('etc') !== 'other') {
    await symlink('/proc/mounts', path.join(directory, 'etc/mtab')).catch(() => {}); // another start was faster
  }
  // The last one to be made says that all is there.
  for (const name of FILES.filter((one) => top(one) !== 'other').reverse()) {
    await writeFile(path.join(directory, name), '', { mode: MODE });
    await giveToContainers(ids, path.join(directory, name));
  }
}
