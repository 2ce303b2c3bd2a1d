/** A file or directory of a container as a tar stream. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { encodeHeader, padding, type TarEntry, type TarType } from '../../snapshots/tar-entry.ts';
import type { FileCapabilities } from './file-capabilities.ts';
import type { ContainerView, Resolved } from './container-view.ts';

const CHUNK = 256 * 1024;
const END_OF_ARCHIVE = Buffer.alloc(1024);

function tarType(stat: Stats): TarType | undefined {
  if (stat.isFile()) return '0';
  if (stat.isDirectory()) return '5';
  if (stat.isSymbolicLink()) return '2';
  if (stat.isCharacterDevice()) return '3';
  if (stat.isBlockDevice()) return '4';
  return stat.isFIFO() ? '6' : undefined; // tar has no sockets
}

const binary = (text: string): string => Buffer.from(text).toString('latin1');

function entryOf(
  { view, capabilities }: Packing,
  { name, place, stat }: Item,
  type: TarType,
  linkName: string,
): TarEntry {
  const rdev = BigInt(stat.rdev);
  const device = type === '3' || type === '4';
  const shown = binary(name);
  return {
    type,
    name: type === '5' && !name.endsWith('/') ? `${shown}/` : shown,
    linkName: binary(linkName),
    mode: stat.mode & 0o7777,
    ...view.ids.toContainer(stat),
    size: type === '0' ? stat.size : 0,
    mtime: String(Math.floor(stat.mtimeMs / 1000)),
    deviceMajor: device ? Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)) : 0,
    deviceMinor: device ? Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)) : 0,
    xattrs: (type === '0' ? capabilities.get(place) : undefined) ?? [],
    sparse: [],
  };
}

/** Exactly `size` bytes, whatever happens to the file meanwhile: the header has promised them. */
async function* contents(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  let left = size;
  while (left > 0) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, left));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) {
      for (; left > 0; left -= CHUNK) yield Buffer.alloc(Math.min(CHUNK, left));
      return;
    }
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Held open: its path cannot be made to mean another file or directory half-way. undefined when it cannot be opened, because
 * it has gone since it was listed or is not for reading: as with Docker, the rest is packed without it.
 */
async function openItem(file: string, type: TarType): Promise<FileHandle | undefined> {
  const kind = type === '5' ? constants.O_DIRECTORY : constants.O_NONBLOCK;
  return open(file, constants.O_RDONLY | constants.O_NOFOLLOW | kind).catch(() => undefined);
}

interface Packing {
  readonly view: ContainerView;
  /** Names in the archive of files with several links, by inode. */
  readonly seen: Map<string, string>;
  /** Places whose contents are left out: what is mounted there is not the container's. */
  readonly hidden: ReadonlySet<string>;
  readonly capabilities: FileCapabilities;
}

interface Item {
  /** In the archive. */
  readonly name: string;
  /** On the host. */
  readonly file: string;
  /** In the container. */
  readonly place: string;
  readonly stat: Stats;
}

async function* packItem(packing: Packing, item: Item): AsyncGenerator<Buffer> {
  const { name, file, place, stat } = item;
  const type = tarType(stat);
  if (type === undefined) return;
  if (packing.hidden.has(place)) {
    if (type === '0' || type === '5') yield encodeHeader({ ...entryOf(packing, item, type, ''), size: 0 });
    return;
  }
  const key = `${stat.dev}:${stat.ino}`;
  const linked = type !== '5' && stat.nlink > 1;
  const first = linked ? packing.seen.get(key) : undefined;
  if (first !== undefined) {
    yield encodeHeader({ ...entryOf(packing, item, '1', first), size: 0 });
    return;
  }
  if (type === '0' || type === '5') {
    const handle = await openItem(file, type);
    if (handle === undefined) return;
    try {
      if (linked) packing.seen.set(key, name);
      yield encodeHeader(entryOf(packing, item, type, ''));
      if (type === '5') yield* packEntries(packing, item, handle);
      else yield* padded(handle, stat.size);
    } finally {
      await handle.close();
    }
    return;
  }
  const target = type === '2' ? await readlink(file).catch(() => undefined) : '';
  if (target === undefined) return;
  if (linked) packing.seen.set(key, name);
  yield encodeHeader(entryOf(packing, item, type, target));
}

async function* padded(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  yield* contents(handle, size);
  const pad = padding(size);
  if (pad > 0) yield Buffer.alloc(pad);
}

async function* packEntries(packing: Packing, directory: Item, handle: FileHandle): AsyncGenerator<Buffer> {
  const here = `/proc/self/fd/${handle.fd}`;
  for (const name of (await readdir(here)).sort()) {
    const place = path.posix.join(directory.place, name);
    const mounted = packing.view.mounts.get(place);
    const file = mounted?.source ?? `${here}/${name}`;
    const stat = await lstat(file).catch(() => undefined);
    if (stat === undefined) continue; // gone since it was listed
    const inside = directory.name === '/' ? `/${name}` : `${directory.name.replace(/\/$/, '')}/${name}`;
    yield* packItem(packing, { name: directory.name === '' ? name : inside, file, place, stat });
  }
}

/**
 * @param name of the top entry in the archive; '' packs only what is in the directory
 * @param hidden places of the container that are packed empty @param capabilities of files
 */
export async function* packTree(
  view: ContainerView,
  top: Resolved,
  name: string,
  { hidden = new Set(), capabilities = new Map() }: Partial<Pick<Packing, 'hidden' | 'capabilities'>> = {},
): AsyncGenerator<Buffer> {
  const packing: Packing = { view, seen: new Map(), hidden, capabilities };
  const item: Item = { name, file: top.path, place: top.place, stat: top.stat };
  if (name !== '') yield* packItem(packing, item);
  else {
    const handle = await openItem(top.path, '5');
    if (handle === undefined) throw new EngineError('not-found', `no such directory: ${top.place}`);
    try {
      yield* packEntries(packing, item, handle);
    } finally {
      await handle.close();
    }
  }
  yield END_OF_ARCHIVE;
}
