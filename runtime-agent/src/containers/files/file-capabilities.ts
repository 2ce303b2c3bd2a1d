/** Capabilities of files (capabilities(7)): extended attributes, which Node cannot read, and GNU tar can. */
import { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Host } from '../../host/host.ts';
import type { TarEntry } from '../../snapshots/tar-entry.ts';
import { visitTar } from '../../snapshots/tar-entries.ts';

/** By path below the root, bytes as latin1. */
export type FileCapabilities = ReadonlyMap<string, TarEntry['xattrs']>;

const WITH_CAPABILITIES = ['--format=posix', '--xattrs', '--xattrs-include=security.capability'];

/**
 * Those of a whole tree; what is mounted in it is left out. A tree that changes meanwhile is no error.
 * @param root a directory of the host
 */
export async function fileCapabilities(host: Host, root: string): Promise<FileCapabilities> {
  const names = await namesWith(host, root);
  const found = new Map<string, TarEntry['xattrs']>();
  if (names.length === 0) return found;
  const listed = ['--no-recursion', '-C', root, '--null', '--files-from=-'];
  const args = ['--create', '--file=-', ...WITH_CAPABILITIES, ...listed];
  const tar = host.spawn('tar', args, { stdin: 'pipe', stdout: 'pipe', stderr: 'ignore' });
  tar.stdin?.end(Buffer.from(names.map((name) => `./${name}\0`).join(''), 'latin1'));
  await visitTar((tar.stdout ?? Readable.from([])) as AsyncIterable<Buffer>, {
    entry: async ({ name, xattrs }) => void (xattrs.length > 0 && found.set(name.replace(/^\.\//, ''), xattrs)),
    data: async () => {},
    end: async () => {},
  });
  await tar.exited;
  return found;
}

/** Into /dev/null tar reads no file: it tells only which have attributes, with a star behind their mode. */
async function namesWith(host: Host, root: string): Promise<string[]> {
  const list = ['--create', '-vv', '--quoting-style=c', '--file=/dev/null', ...WITH_CAPABILITIES];
  const tar = host.spawn('tar', [...list, '--one-file-system', '-C', root, '.'], {
    stdout: 'pipe',
    stderr: 'ignore',
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
  const names: string[] = [];
  tar.stdout?.setEncoding('latin1');
  for await (const line of createInterface({ input: tar.stdout ?? Readable.from([]) })) {
    const quoted = /^-\S{9}\*.*? "\.\/(.*)"$/.exec(line)?.[1];
    if (quoted !== undefined) names.push(unquoted(quoted));
  }
  await tar.exited;
  return names;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/** As in C. */
function unquoted(text: string): string {
  return text.replace(/\\([0-7]{3}|.)/g, (_all, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number.parseInt(escape, 8)) : (ESCAPES[escape] ?? escape),
  );
}
