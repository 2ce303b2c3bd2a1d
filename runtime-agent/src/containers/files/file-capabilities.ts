/** Capabilities of files (capabilities(7)): extended attributes, which Node cannot read, and GNU tar can. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Host } from '../../host/host.ts';
import { PLAIN_ENVIRONMENT } from '../../host/plain-environment.ts';
import type { TarEntry } from '../../snapshots/tar-entry.ts';
import { visitTar } from '../../snapshots/tar-entries.ts';
import { type ContainerView, type Resolved, viewBelow } from './container-view.ts';

/** By place in the container. */
export type FileCapabilities = ReadonlyMap<string, TarEntry['xattrs']>;

const WITH_CAPABILITIES = ['--format=posix', '--xattrs', '--xattrs-include=security.capability'];

/** Where tar looks, and what of the container that is. */
interface Search {
  /** Of the host. */
  readonly directory: string;
  /** Below the directory: '.', or a file's name. */
  readonly member: string;
  /** Of the directory in the container. */
  readonly place: string;
  readonly hidden: ReadonlySet<string>;
}

/**
 * Those of a file or a whole tree. One that changes meanwhile is no error.
 * @param hidden places of the container whose contents do not count
 */
export async function fileCapabilities(
  host: Host,
  view: ContainerView,
  top: Resolved,
  hidden: ReadonlySet<string>,
): Promise<FileCapabilities> {
  const found = new Map<string, TarEntry['xattrs']>();
  if (top.stat.isFile()) await collect(host, searchFor(top, hidden), found);
  if (!top.stat.isDirectory()) return found;
  await using below = await viewBelow(view, top);
  const mounts = [...below.mounts].map(([inside, { source }]) => [path.posix.join(top.place, inside), source] as const);
  const elsewhere = new Set([...hidden, ...mounts.map(([place]) => place)]);
  await collect(host, { directory: below.root, member: '.', place: top.place, hidden: elsewhere }, found);
  for (const [place, source] of mounts.filter(([at]) => !hidden.has(at))) {
    const isDirectory = (await stat(source).catch(() => undefined))?.isDirectory();
    const whole = { directory: source, member: '.', place, hidden: elsewhere };
    await collect(host, isDirectory ? whole : searchFor({ path: source, place }, elsewhere), found);
  }
  return found;
}

function searchFor({ path: file, place }: Pick<Resolved, 'path' | 'place'>, hidden: ReadonlySet<string>): Search {
  return { directory: path.dirname(file), member: path.basename(file), place: path.posix.dirname(place), hidden };
}

async function collect(host: Host, search: Search, found: Map<string, TarEntry['xattrs']>): Promise<void> {
  // tar sees the engine's open files by the engine's own number.
  const directory = search.directory.replace(/^\/proc\/self\//, `/proc/${process.pid}/`);
  const names = await namesWith(host, { ...search, directory });
  if (names.length === 0) return;
  const args = ['--create', '--file=-', ...WITH_CAPABILITIES, '--no-recursion', '-C', directory];
  const tar = host.spawn('tar', [...args, '--null', '--verbatim-files-from', '--files-from=-'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
  });
  tar.stdin?.end(Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1'));
  await visitTar((tar.stdout ?? Readable.from([])) as AsyncIterable<Buffer>, {
    entry: async ({ name, xattrs }) => {
      const place = path.posix.join(search.place, Buffer.from(name, 'latin1').toString());
      if (xattrs.length > 0) found.set(place, xattrs.map(withoutNamespace));
    },
    data: async () => {},
    end: async () => {},
  });
  await tar.exited;
}

/** The third version of a capability names the root user of a user namespace, which means nothing outside of it. */
function withoutNamespace([name, value]: TarEntry['xattrs'][number]): TarEntry['xattrs'][number] {
  return value.charCodeAt(3) === 3 ? [name, `${value.slice(0, 3)}\x02${value.slice(4, 20)}`] : [name, value];
}

/** Into /dev/null tar reads no file: it tells only which have attributes, with a star behind their mode. */
async function namesWith(host: Host, { directory, member, place, hidden }: Search): Promise<string[]> {
  const inside = [...hidden]
    .map((one) => path.posix.relative(place, one))
    .filter((one) => !/^(\.\.(\/|$)|$)/.test(one));
  const excluded = inside.map((one) => `--exclude=./${one}`);
  const list = ['--create', '-vv', '--quoting-style=c', '--file=/dev/null', ...WITH_CAPABILITIES];
  const which = ['--anchored', '--no-wildcards', ...excluded, '-C', directory];
  const tar = host.spawn('tar', [...list, ...which, member === '.' ? '.' : `./${member}`], {
    stdout: 'pipe',
    stderr: 'ignore',
    env: PLAIN_ENVIRONMENT,
  });
  const names: string[] = [];
  tar.stdout?.setEncoding('latin1');
  for await (const line of createInterface({ input: tar.stdout ?? Readable.from([]) })) {
    const quoted = /^-\S{9}\*.*? "(\.\/.*)"$/.exec(line)?.[1];
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
