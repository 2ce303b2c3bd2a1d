/** `--chown=user[:group]`, names looked up in the image's own files. */
import { readFileSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Owner } from '../../host/id-mapping.ts';
import { pathInRoot } from './path-in-root.ts';

export interface NamesIn {
  /** The mounted root file system. */
  readonly root: string;
  /** Nothing has been put into it yet. */
  readonly isEmpty: boolean;
}

/**
 * A number alone is the group too; a name alone takes the group of its line in /etc/passwd. A user that the image does not
 * know is root, a group that it does not know the user's own: as with BuildKit, but told.
 * Throws EngineError('invalid') for a name where there is no file system at all to look it up in.
 */
export function resolveChown(option: string, { root, isEmpty }: NamesIn, warn: (text: string) => void): Owner {
  if (isEmpty && !/^\d*(:\d*)?$/.test(option)) {
    const why = `invalid user index: -1: an empty root file system knows no names, give numbers instead of ${option}`;
    throw new EngineError('invalid', why);
  }
  const colon = option.indexOf(':');
  const user = colon === -1 ? option : option.slice(0, colon);
  const group = colon === -1 ? '' : option.slice(colon + 1);
  const unknownUser = (): number => {
    warn(`${option}: the image has no user "${user}": the files belong to root`);
    return 0;
  };
  const uid = idOf(user);
  const line =
    uid === undefined && user !== '' ? linesOf(root, '/etc/passwd').find(([name]) => name === user) : undefined;
  const owner = uid ?? (user === '' ? 0 : line === undefined ? unknownUser() : Number(line[2]));
  const own = line === undefined ? owner : Number(line[3]);
  if (group === '') return { uid: owner, gid: colon === -1 ? own : 0 };
  const gid = groupOf(group, root);
  if (gid === undefined) warn(`${option}: the image has no group "${group}": the files belong to group ${own}`);
  return { uid: owner, gid: gid ?? own };
}

/** A number of 32 bits with its sign, as BuildKit reads it; -1 changes nothing, which is root. */
function idOf(text: string): number | undefined {
  const id = /^[+-]?\d+$/.test(text) ? Number(text) : Infinity;
  if (id > 2 ** 31 - 1 || id < -(2 ** 31)) return undefined;
  return id === -1 ? 0 : (id + 2 ** 32) % 2 ** 32;
}

function groupOf(group: string, root: string): number | undefined {
  const gid = idOf(group);
  if (gid !== undefined) return gid;
  const line = linesOf(root, '/etc/group').find(([name]) => name === group);
  return line === undefined ? undefined : Number(line[2]);
}

function linesOf(root: string, file: string): string[][] {
  try {
    return readFileSync(pathInRoot(root, file), 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
