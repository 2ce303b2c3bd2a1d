/** Extended attributes of a tar's entry, given to a file. */
import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../../host/host.ts';
import { PLAIN_ENVIRONMENT } from '../../host/plain-environment.ts';
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

/** What tar says of each attribute, and cp of all. */
const REFUSED =
  /^(?:tar: \w+: Cannot set '(?<name>.*)' extended attribute|cp: setting attributes) for .*: (?<reason>.*)$/;

/**
 * Node cannot set them. GNU tar can only of files that it makes by their name, which a container may turn into a link to
 * one of the host's meanwhile; so it makes one aside, and cp, which can of what is held open, copies them from there.
 * Throws EngineError('internal') when one cannot be set; those that may not be are passed over, both as with Docker.
 * @param held the regular file or directory that gets them @param place what it is called in errors
 */
export async function copyAttributes(
  { host, scratch }: Tools,
  held: FileHandle,
  entry: TarEntry,
  place: string,
): Promise<void> {
  const aside = await mkdtemp(path.join(scratch, 'attributes-'));
  try {
    const header = encodeHeader({ ...BEARER, type: entry.type, xattrs: entry.xattrs });
    const make = ['--extract', '--xattrs', '--xattrs-include=*', '-C', aside];
    const input = Buffer.concat([header, Buffer.alloc(1024)]);
    const made = await host.run('tar', make, { input, env: PLAIN_ENVIRONMENT, onFailure: 'return' });
    const directory = entry.type === '5';
    const target = `/proc/${process.pid}/fd/${held.fd}${directory ? '/.' : ''}`;
    const how = [
      '--attributes-only',
      '--preserve=xattr',
      '--no-target-directory',
      ...(directory ? ['--recursive'] : []),
    ];
    const copied = await host.run('cp', [...how, path.join(aside, BEARER.name), target], {
      env: PLAIN_ENVIRONMENT,
      onFailure: 'return',
    });
    for (const line of `${made.stderr}${copied.stderr}`.split('\n').filter((said) => said !== '')) {
      const { name = entry.xattrs[0]?.[0], reason = line } = REFUSED.exec(line)?.groups ?? {};
      if (reason === 'Operation not permitted') continue;
      throw new EngineError('internal', `lsetxattr ${place}: xattr ${JSON.stringify(name)}: ${reason.toLowerCase()}`);
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
