/** Volumes whose options say what is mounted there: tmpfs, NFS, CIFS, a bind, a device (mount(8)). */
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { isMounted, type VolumeRecord } from './volume-record.ts';

/** Mounts it, unless it is. Throws EngineError('internal') in Docker's words. */
export async function mountVolume(host: Host, record: VolumeRecord, directory: string): Promise<void> {
  if (!isMounted(record) || (await mountsIn(directory)).includes(directory)) return;
  const { type = '', device = '', o = '' } = record.options ?? {};
  try {
    const options = await withAddress(o);
    // -i: no helper programs, the kernel gets what the user wrote.
    await host.mount(['-i', '-t', type, ...(options === '' ? [] : ['-o', options]), '--', device, directory]);
  } catch (error) {
    const text = `error while mounting volume '${directory}': failed to mount local volume: mount ${device}:${directory}: ${messageOf(error)}`;
    throw new EngineError('internal', text, { cause: error });
  }
}

/** Unmounts everything at and under the directory; throws when something stays, so that nobody deletes through it. */
export async function unmountVolume(host: Host, directory: string): Promise<void> {
  for (const mount of (await mountsIn(directory)).reverse()) await host.unmount(mount);
  const [left] = await mountsIn(directory);
  if (left !== undefined) throw new EngineError('conflict', `${left} is still mounted`);
}

/** Mount points at or under a directory, in the order in which they were mounted. */
async function mountsIn(directory: string): Promise<string[]> {
  return parseMountPoints(await readFile('/proc/self/mountinfo', 'utf8'), directory);
}

/** proc_pid_mountinfo(5): the fifth field, with blanks and backslashes as octal escapes. */
export function parseMountPoints(mountinfo: string, directory: string): string[] {
  return mountinfo
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .map((field) =>
      field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((point) => point === directory || point.startsWith(`${directory}/`));
}

/** The kernel's NFS and CIFS take `addr=` as a number: host names are looked up here. */
async function withAddress(options: string): Promise<string> {
  const name = /(?:^|,)addr=([^,]+)/.exec(options)?.[1];
  if (name === undefined || isIP(name) !== 0) return options;
  const { address } = await lookup(name);
  return options.replace(`addr=${name}`, `addr=${address}`);
}
