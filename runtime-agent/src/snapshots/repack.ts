/**
 * The other way round from unpack.ts: a layer directory in overlayfs' form as an OCI layer tar. The same directory always
 * gives the same bytes: entries are sorted by name and their headers are encoded anew, so that nothing of the tar program's
 * version or of the moment gets in.
 */
import { readFile, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { PLAIN_ENVIRONMENT } from '../host/plain-environment.ts';
import type { IdMapping } from '../host/id-mapping.ts';
import { isSmallDirectory } from './small-directory.ts';
import { BLOCK, encodeHeader, padding, type TarEntry } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';

export interface RepackOptions {
  readonly host: Host;
  readonly directory: string;
  /** Called with the size of each file and symlink. */
  readonly onFile?: (size: number) => void;
  /** A file that does not exist: where the tar of a small directory may lie for a moment. */
  readonly scratch?: string;
}

/** Throws EngineError('internal') when the directory cannot be read, or holds what a layer cannot say. */
export async function* repackLayer({ host, directory, onFile, scratch }: RepackOptions): AsyncGenerator<Buffer> {
  const small = scratch === undefined ? undefined : await smallTar(host, directory, scratch);
  if (small !== undefined) {
    const converter = createConverter(host.ids, onFile);
    yield Buffer.concat([converter.feed(small), converter.end()]);
    return;
  }
  const process = host.spawn('tar', tarArguments(), {
    cwd: directory,
    stdout: 'pipe',
    env: PLAIN_ENVIRONMENT,
  });
  const errors = text(process.stderr);
  const converter = createConverter(host.ids, onFile);
  let ended = false;
  try {
    for await (const chunk of (process.stdout ?? []) as AsyncIterable<Buffer>) {
      const bytes = converter.feed(chunk);
      if (bytes.length > 0) yield bytes;
    }
    ended = true;
  } finally {
    if (!ended) process.kill('SIGKILL');
  }
  const code = await process.exited;
  if (code !== 0) throw new EngineError('internal', `cannot read the layer ${directory}: ${(await errors).trim()}`);
  yield converter.end();
}

/** Most layers of a build are a few files: undefined when it is more, or when something fails, which tar can tell better. */
async function smallTar(host: Host, directory: string, file: string): Promise<Buffer | undefined> {
  if (!isSmallDirectory(directory)) return undefined;
  try {
    await host.runToFile('tar', tarArguments(), { cwd: directory, file });
    return await readFile(file);
  } catch {
    return undefined;
  } finally {
    await rm(file, { force: true });
  }
}

function tarArguments(): string[] {
  const attributes = ['--xattrs', '--xattrs-include=*', '--numeric-owner'];
  // Whole seconds, as Docker's layers have: the rest is lost in other tools and would give other digests there.
  const pax = ['--format=posix', '--pax-option=delete=atime,delete=ctime,delete=mtime'];
  return ['--create', '--file=-', '--sort=name', '--blocking-factor=512', ...pax, ...attributes, '.'];
}

async function text(stream: Readable | null): Promise<string> {
  let all = '';
  for await (const chunk of stream ?? []) if (all.length < 4096) all += chunk;
  return all;
}

interface Converter {
  feed(chunk: Buffer): Buffer;
  end(): Buffer;
}

function createConverter(ids: IdMapping, onFile: (size: number) => void = () => {}): Converter {
  const toLayer = layerEntries();
  let out: Buffer[] = [];
  let left = 0;
  let pad = 0;
  const reader = createTarReader({
    entry(entry) {
      for (const one of toLayer(entry)) out.push(encodeHeader({ ...one, ...ids.toContainer(one) }));
      left = entry.size;
      pad = padding(left);
      onFile(entry.type === '2' ? entry.linkName.length : entry.size);
    },
    data(chunk) {
      out.push(chunk);
      left -= chunk.length;
      if (left === 0 && pad > 0) out.push(Buffer.alloc(pad));
    },
  });
  const take = (): Buffer => {
    const all = Buffer.concat(out);
    out = [];
    return all;
  };
  return {
    feed(chunk) {
      reader.feed(chunk);
      return take();
    },
    end() {
      reader.end();
      return Buffer.concat([take(), Buffer.alloc(2 * BLOCK)]);
    },
  };
}

/** One entry of an overlayfs directory as the entries of a layer tar. */
function layerEntries(): (entry: TarEntry) => TarEntry[] {
  const whiteouts = new Set<string>();
  return (entry) => {
    const name = entry.name.replace(/^\.\//, '').replace(/\/$/, '');
    if (name === '' || name === '.') return [];
    const linkName = entry.type === '1' ? entry.linkName.replace(/^\.\//, '') : entry.linkName;
    const device = entry.type === '3' && entry.deviceMajor === 0 && entry.deviceMinor === 0;
    // The kernel makes many whiteouts as hard links of one.
    if (device || (entry.type === '1' && whiteouts.has(linkName))) {
      whiteouts.add(name);
      return [
        marker(
          entry,
          beside(name, (base) => `.wh.${base}`),
        ),
      ];
    }
    const own = entry.xattrs.filter(([key]) => !key.startsWith('trusted.overlay.'));
    const xattrs = own.sort(([a], [b]) => (a < b ? -1 : 1));
    refuseUntold(entry);
    const isDirectory = entry.type === '5';
    const plain = { ...entry, name: isDirectory ? `${name}/` : name, linkName, xattrs };
    const opaque = entry.xattrs.some(([key, value]) => key === 'trusted.overlay.opaque' && value === 'y');
    return isDirectory && opaque ? [plain, marker(entry, `${name}/.wh..wh..opq`)] : [plain];
  };
}

function beside(name: string, rename: (base: string) => string): string {
  const slash = name.lastIndexOf('/') + 1;
  return name.slice(0, slash) + rename(name.slice(slash));
}

function marker(entry: TarEntry, name: string): TarEntry {
  return { ...entry, type: '0', name, linkName: '', mode: 0o600, size: 0, xattrs: [], deviceMajor: 0, deviceMinor: 0 };
}

/** With redirect_dir or metacopy switched on, an upper directory means nothing without the lower ones. */
function refuseUntold({ name, xattrs }: TarEntry): void {
  const bad = xattrs.find(([key]) => key === 'trusted.overlay.redirect' || key === 'trusted.overlay.metacopy');
  if (bad)
    throw new EngineError('internal', `${name} has ${bad[0]}: mount overlays with redirect_dir=off,metacopy=off`);
}
