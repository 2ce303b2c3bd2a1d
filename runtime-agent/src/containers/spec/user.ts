/** Who a process runs as: `user`, `uid`, `user:group`, `uid:gid` against the container's own passwd and group files. */
import { EngineError } from '#model/engine-api/errors.ts';

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without duplicates, in the order of the group file. */
  readonly groups: readonly number[];
  readonly home: string;
}

/** Contents of /etc/passwd and /etc/group; undefined where the container has none. */
export interface Accounts {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
}

interface PasswdLine {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const MAX_ID = 2 ** 31 - 1;
const SIGNED = /^[+-]?\d+$/;
const isNumber = (text: string): boolean => /^\d+$/.test(text);

function fields(text: string | undefined): string[][] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function passwdLines(text: string | undefined): PasswdLine[] {
  return fields(text)
    .filter((f) => isNumber(f[2] ?? ''))
    .map(([name = '', , uid, gid, , home = '']) => ({ name, uid: Number(uid), gid: Number(gid) || 0, home }));
}

function groupLines(text: string | undefined): GroupLine[] {
  return fields(text)
    .filter((f) => isNumber(f[2] ?? ''))
    .map(([name = '', , gid, members = '']) => ({
      name,
      gid: Number(gid),
      members: members.split(',').filter(Boolean),
    }));
}

function checkedId(value: number): number {
  if (value < 0 || value > MAX_ID) throw new EngineError('internal', `uids and gids must be in range 0-${MAX_ID}`);
  return value;
}

function findUser(wanted: string, lines: readonly PasswdLine[]): PasswdLine {
  const found = lines.find((line) => line.name === wanted) ?? lines.find((line) => String(line.uid) === wanted);
  if (found) return found;
  if (SIGNED.test(wanted)) return { name: '', uid: checkedId(Number(wanted)), gid: 0, home: '/' };
  throw new EngineError('internal', `unable to find user ${wanted}: no matching entries in passwd file`);
}

function findGroup(wanted: string, lines: readonly GroupLine[]): number {
  const found = lines.find((line) => line.name === wanted) ?? lines.find((line) => String(line.gid) === wanted);
  if (found) return found.gid;
  if (SIGNED.test(wanted)) return checkedId(Number(wanted));
  throw new EngineError('internal', `unable to find group ${wanted}: no matching entries in group file`);
}

/**
 * @param spec Config.User; '' is root
 * @param extraGroups HostConfig.GroupAdd: names or numbers
 */
export function resolveUser(spec: string, extraGroups: readonly string[], accounts: Accounts): ResolvedUser {
  const [userPart = '', groupPart = ''] = spec.split(':', 2);
  const groups = groupLines(accounts.group);
  const user = findUser(userPart || '0', passwdLines(accounts.passwd));
  const gid = groupPart === '' ? user.gid : findGroup(groupPart, groups);
  const own = user.name === '' || groupPart !== '' ? [] : groups.filter((line) => line.members.includes(user.name));
  const extra = extraGroups.map((wanted) => findGroup(wanted, groups));
  const all = new Set([gid, ...own.map((line) => line.gid), ...extra]);
  return { uid: user.uid, gid, groups: [...all], home: user.home || '/' };
}
