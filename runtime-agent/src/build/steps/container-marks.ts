/** What programs look for to tell that they run in a container of Docker's. The classic builder's steps have it, BuildKit's have not. */
import { chownSync, lchownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { IdMapping } from '../../host/id-mapping.ts';
import { pathInRoot } from '../files/path-in-root.ts';

/** Paths in the container. */
export const CONTAINER_MARKS = ['/.dockerenv', '/etc/mtab'] as const;
const [ENVIRONMENT, MOUNTS] = CONTAINER_MARKS;
/** Where the second one leads. */
export const MOUNTS_LINK = '/proc/mounts';

/** Makes those that are missing. @param root the mounted root */
export function makeContainerMarks(root: string, ids: IdMapping): void {
  const { uid, gid } = ids.root;
  const missing = (name: string): string | undefined => {
    const file = pathInRoot(root, name);
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return undefined;
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  };
  const environment = missing(ENVIRONMENT);
  if (environment !== undefined) {
    writeFileSync(environment, '', { mode: 0o755 });
    chownSync(environment, uid, gid);
  }
  const mounts = missing(MOUNTS);
  if (mounts === undefined) return;
  symlinkSync(MOUNTS_LINK, mounts);
  lchownSync(mounts, uid, gid);
}
