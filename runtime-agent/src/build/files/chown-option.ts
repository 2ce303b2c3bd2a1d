/** `--chown=user[:group]`, names looked up in the image's own files. */
import { readFileSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Owner, pathInRoot } from './path-in-root.ts';

/**
 * A number alone is the group too; a name alone takes the group of its line in /etc/passwd.
 * @param root the mounted root file system
 * Throws EngineError('invalid') for a name that the image does not know.
 */
export function resolveChown(option: string, root: string): Owner {
  const colon = option.indexOf(':');
  const user = colon === -1 ? option : option.slice(0, colon);
  const group = colon === -1 ? '' : option.slice(colon + 1);
  const owner = userOf(user === '' ? '0' : user, root);
  return group === '' ? owner : { uid: owner.uid, gid: groupOf(group, root) };
}

function userOf(user: string, root: string): Owner {
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) };
  const line = linesOf(root, '/etc/passwd').find(([name]) => name === user);
  if (line === undefined) throw unknown('user', user);
  return { uid: Number(line[2]), gid: Number(line[3]) };
}

function groupOf(group: string, root: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = linesOf(root, '/etc/group').find(([name]) => name === group);
  if (line === undefined) throw unknown('group', group);
  return Number(line[2]);
}

function unknown(what: 'user' | 'group', name: string): EngineError {
  const id = what === 'user' ? 'uid' : 'gid';
  const why = `can't find ${id} for ${what} ${name}: no such ${what}: ${name}`;
  return new EngineError('invalid', `unable to convert uid/gid chown string to host mapping: ${why}`);
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
