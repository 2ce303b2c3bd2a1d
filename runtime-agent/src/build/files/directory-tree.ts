import { constants, copyFileSync, createReadStream, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type IdMapping, type Owner, SAME_IDS } from '../../host/id-mapping.ts';
import type { FileTree, TreeEntry } from './file-tree.ts';

const LARGE = 1 << 18;
const HOW = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/**
 * A directory of the host as a tree: the mounted root of a stage or image. Callers follow symlinks with followLinks only.
 * @param ids whose files they are: containers' or, by default, the host's
 */
export function directoryTree(root: string, ids: IdMapping = SAME_IDS): FileTree {
  const at = (name: string): string => path.join(root, name);
  return {
    entry(name) {
      const stats = statsOf(at(name));
      return stats === undefined ? undefined : entryOf(stats, ids, () => readlinkSync(at(name)));
    },
    children: (name) => readdirSync(at(name)).sort(),
    copyContent(name, destination) {
      // Small files: a synchronous call is several times as fast. Large ones must not hold up the engine.
      if (lstatSync(at(name)).size > LARGE) return copyFile(at(name), destination, HOW);
      return copyFileSync(at(name), destination, HOW);
    },
    read: (name) => createReadStream(at(name), { highWaterMark: 1 << 18 }),
    hostPath: at,
    async digest(name) {
      const hash = createHash('sha256');
      await pipeline(createReadStream(at(name), { highWaterMark: 1 << 18 }), hash);
      return hash.digest('hex');
    },
  };
}

/** Below a file there is nothing. */
function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function entryOf(stats: Stats, ids: IdMapping, readTarget: () => string): TreeEntry {
  const kind = kindOf(stats);
  return {
    kind,
    mode: stats.mode & 0o7777,
    ...ownerOf(ids, stats),
    mtime: stats.mtimeMs / 1000,
    size: stats.size,
    target: kind === 'symlink' ? readTarget() : '',
    ...(kind === 'file' && stats.nlink > 1 ? { inode: `${stats.dev}:${stats.ino}` } : {}),
  };
}

function ownerOf(ids: IdMapping, stats: Stats): Owner {
  const { uid, gid } = ids.toContainer(stats);
  return { uid, gid };
}

function kindOf(stats: Stats): TreeEntry['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}
