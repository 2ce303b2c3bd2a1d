/** `updateRemoteUserUID`: a mounted local folder belongs to the local user, so the container's user takes that id. */
import { execIn } from '../exec/exec.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { RemoteUser } from './remote-user.ts';

/** Not for root on either side, and not when another user of the container has the id. */
const SCRIPT = `set -e
name=$1 uid=$2 gid=$3 home=$4
old=$(id -u "$name"); oldgid=$(id -g "$name")
if grep -q "^[^:]*:[^:]*:$uid:" /etc/passwd; then exit 3; fi
if grep -q "^[^:]*:[^:]*:$gid:" /etc/group; then gid=$oldgid; fi
sed -i -e "s/^\\($name:[^:]*:\\)[^:]*:[^:]*/\\1$uid:$gid/" /etc/passwd
sed -i -e "s/^\\([^:]*:[^:]*:\\)$oldgid:/\\1$gid:/" /etc/group
chown -R "$uid:$gid" "$home"
`;

export interface LocalIds {
  readonly uid: number;
  readonly gid: number;
}

/** undefined on systems without numeric users. */
export function localIds(): LocalIds | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** @returns whether the ids were changed */
export async function matchUserId(
  connection: EngineConnection,
  container: string,
  user: RemoteUser,
  { uid, gid }: LocalIds,
  signal: AbortSignal,
): Promise<boolean> {
  if (uid === 0 || user.uid === 0 || user.uid === uid || /^\d/.test(user.name)) return false;
  const name = user.name.split(':')[0] ?? '';
  const argv = ['/bin/sh', '-c', SCRIPT, 'sh', name, String(uid), String(gid), user.home];
  return (await execIn(connection, container, { argv, user: '0', signal })).code === 0;
}
