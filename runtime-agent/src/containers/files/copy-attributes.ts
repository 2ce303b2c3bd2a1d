/** Extended attributes of a tar's entry, given to a file. */
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { encodeHeader, type TarEntry } from '../../snapshots/tar-entry.ts';

interface Tools {
  readonly host: Host;
  /** A directory that only the engine writes to. */
  readonly scratch: string;
}

const BEARER = {
  name: 'bearer',
  linkName: '',
  mode: 0o700,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: '0',
  deviceMajor: 0,
  deviceMinor: 0,
  sparse: [],
};

const ENV = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** As with Docker, no error: file systems that have no such attributes, and attributes that may not be given. */
const PASSED_OVER = /: (Operation not supported|Operation not permitted)$/;

/**
 * Node cannot set them. GNU tar can only of files that it makes by their name, which a container may turn into a link to
 * one of the host's meanwhile; so it makes one aside, and cp, which can of what is held open, copies them from there.
 * @param held the regular file or directory that gets them
 */
export async function copyAttributes({ host, scratch }: Tools, held: FileHandle, entry: TarEntry): Promise<void> {
  const aside = await mkdtemp(path.join(scratch, 'attributes-'));
  try {
    const header = encodeHeader({ ...BEARER, type: entry.type, xattrs: entry.xattrs });
    const make = ['--extract', '--xattrs', '--xattrs-include=*', '-C', aside];
    await told(host, 'tar', make, Buffer.concat([header, Buffer.alloc(1024)]));
    const directory = entry.type === '5';
    const target = `/proc/${process.pid}/fd/${held.fd}${directory ? '/.' : ''}`;
    const how = [
      '--attributes-only',
      '--preserve=xattr',
      '--no-target-directory',
      ...(directory ? ['--recursive'] : []),
    ];
    await told(host, 'cp', [...how, path.join(aside, BEARER.name), target]);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Throws EngineError('internal') with what the program could not do, warnings included. */
async function told(host: Host, command: string, args: readonly string[], input: string | Buffer = ''): Promise<void> {
  const { stderr } = await host.run(command, args, { input, env: ENV, onFailure: 'return' });
  const problems = stderr.split('\n').filter((line) => line !== '' && !PASSED_OVER.test(line));
  if (problems.length > 0) throw new EngineError('internal', problems.join('; '));
}
