/** Which program has a port, so that a message can name it. */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Listener {
  readonly pid: number;
  /** Its name as the kernel knows it, at most 15 characters: proc_pid_comm(5). */
  readonly program: string;
}

/** undefined: none of the processes that may be looked at; those of others are for root only. */
export async function listenerOn(port: number): Promise<Listener | undefined> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const links = new Set(tables.flatMap((table) => listeningSockets(table, port)).map((inode) => `socket:[${inode}]`));
  if (links.size === 0) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const owners = await Promise.all(pids.map(async (pid) => ((await holds(pid, links)) ? pid : undefined)));
  const pid = owners.find((owner) => owner !== undefined);
  const program = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim(); // it may have ended meanwhile
  return program === '' ? undefined : { pid: Number(pid), program };
}

/** Inodes of the listening sockets in a table of proc_net_tcp(5): local address `HEX:PORT`, state 0A. */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix))
    .flatMap(([, , , , , , , , , inode]) => inode ?? []);
}

async function holds(pid: string, links: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const fds = await readdir(folder).catch((): string[] => []); // it has ended, or is somebody else's
  const targets = await Promise.all(fds.map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  return targets.some((target) => links.has(target));
}
