/** Paths inside a container's root file system, which may hold any symlinks: nothing done through them leaves the root. */
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import type { Owner } from '../../host/id-mapping.ts';
import { EngineError } from '#model/engine-api/errors.ts';

const LINK_LIMIT = 255;

/**
 * The path on the host of a path in the container, every symlink resolved as if `root` were `/`; what does not exist is
 * left as it is. `keepLast`: a symlink at the path's end is the result itself.
 */
export function pathInRoot(root: string, path: string, keepLast = false): string {
  const pending = path.split('/').reverse();
  const done: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      done.pop();
      continue;
    }
    const target = keepLast && pending.length === 0 ? undefined : linkTarget([root, ...done, part].join('/'));
    if (target === undefined) {
      done.push(part);
      continue;
    }
    if (++links > LINK_LIMIT) throw new EngineError('invalid', `${path}: too many levels of symbolic links`);
    if (target.startsWith('/')) done.length = 0;
    pending.push(...target.split('/').reverse());
  }
  return [root, ...done].join('/');
}

function linkTarget(file: string): string | undefined {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(file) : undefined;
}

/** Makes the directory (a resolved path under the root) and those above it that are missing; their owner is one of the host. */
export function makeDirectories(root: string, directory: string, owner: Owner, mode = 0o755): void {
  const parts = directory
    .slice(root.length)
    .split('/')
    .filter((part) => part !== '');
  let at = root;
  for (const part of parts) {
    at = `${at}/${part}`;
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found?.isDirectory()) continue;
    if (found !== undefined) throw new EngineError('invalid', `mkdir ${at.slice(root.length)}: not a directory`);
    mkdirSync(at, { mode });
    chmodSync(at, mode);
    chownSync(at, owner.uid, owner.gid);
  }
}
