/** A file or directory of a container as a tar stream. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { encodeHeader, padding, type TarEntry, type TarType } from '../../snapshots/tar-entry.ts';
import type { Host } from '../../host/host.ts';
import { fileCapabilities, withCapabilities } from './file-capabilities.ts';
import type { ContainerView, Resolved } from './container-view.ts';

const CHUNK = 256 * 1024;
const GATHERED = 64 * 1024;
/** Entries that are looked at together: what changes until they are packed is packed as it was then. */
const TOGETHER = 100;
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
  { view }: Packing,
  { name, stat }: Item,
  type: TarType,
  { linkName = '', xattrs = [] }: Partial<Pick<TarEntry, 'linkName' | 'xattrs'>> = {},
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
    xattrs,
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
  readonly host: Host;
}

interface Item {
  /** In the archive. */
  readonly name: string;
  /** On the host. */
  readonly file: string;
  /** In the container. */
  readonly place: string;
  readonly stat: Stats;
  readonly hasCapabilities: boolean;
}

async function* packItem(packing: Packing, item: Item): AsyncGenerator<Buffer> {
  const { name, file, place, stat } = item;
  const type = tarType(stat);
  if (type === undefined) return;
  if (packing.hidden.has(place)) {
    if (type === '0' || type === '5') yield encodeHeader({ ...entryOf(packing, item, type), size: 0 });
    return;
  }
  const key = inodeOf(stat);
  const linked = type !== '5' && stat.nlink > 1;
  const first = linked ? packing.seen.get(key) : undefined;
  if (first !== undefined) {
    yield encodeHeader({ ...entryOf(packing, item, '1', { linkName: first }), size: 0 });
    return;
  }
  if (type === '0' || type === '5') {
    const handle = await openItem(file, type);
    if (handle === undefined) return;
    try {
      if (linked) packing.seen.set(key, name);
      const xattrs = type === '0' && item.hasCapabilities ? await fileCapabilities(packing.host, file) : [];
      yield encodeHeader(entryOf(packing, item, type, { xattrs }));
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
  yield encodeHeader(entryOf(packing, item, type, { linkName: target }));
}

async function* padded(handle: FileHandle, size: number): AsyncGenerator<Buffer> {
  yield* contents(handle, size);
  const pad = padding(size);
  if (pad > 0) yield Buffer.alloc(pad);
}

async function* packEntries(packing: Packing, directory: Item, handle: FileHandle): AsyncGenerator<Buffer> {
  const here = `/proc/self/fd/${handle.fd}`;
  const above = directory.name === '/' ? '' : directory.name.replace(/\/$/, '');
  const inArchive = (name: string): string => (directory.name === '' ? name : `${above}/${name}`);
  const names = (await readdir(here)).sort();
  for (let at = 0; at < names.length; at += TOGETHER) {
    const looked = names.slice(at, at + TOGETHER).map(async (name) => {
      const place = path.posix.join(directory.place, name);
      const file = packing.view.mounts.get(place)?.source ?? `${here}/${name}`;
      const stat = await lstat(file).catch(() => undefined);
      return stat === undefined ? [] : [{ name: inArchive(name), file, place, stat }]; // gone since it was listed
    });
    const found = (await Promise.all(looked)).flat();
    const able = await withCapabilities(packing.host, worthAsking(packing, found));
    for (const one of found) yield* packItem(packing, { ...one, hasCapabilities: able.has(one.file) });
  }
}

/** Regular files, but one name of each. */
function worthAsking({ hidden, seen }: Packing, items: readonly Omit<Item, 'hasCapabilities'>[]): string[] {
  const shown = items.filter(({ stat, place }) => stat.isFile() && !hidden.has(place) && !seen.has(inodeOf(stat)));
  return [...new Map(shown.reverse().map(({ stat, file }) => [inodeOf(stat), file])).values()];
}

const inodeOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

interface PackOptions {
  /** Of the top entry in the archive; '' packs only what is in the directory. */
  readonly name: string;
  /** Places of the container that are packed empty. */
  readonly hidden?: ReadonlySet<string>;
}

async function* pack(
  host: Host,
  view: ContainerView,
  top: Resolved,
  { name, hidden = new Set() }: PackOptions,
): AsyncGenerator<Buffer> {
  const packing: Packing = { host, view, seen: new Map(), hidden };
  const plain = { name, file: top.path, place: top.place, stat: top.stat };
  const able = await withCapabilities(host, worthAsking(packing, [plain]));
  const item: Item = { ...plain, hasCapabilities: able.size > 0 };
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

/** Small pieces together, large ones as they are: each costs a write and a piece of a chunked answer. */
async function* gathered(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < GATHERED) continue;
    yield* piece.length < GATHERED ? [Buffer.concat(waiting)] : waiting;
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting);
}

/** As a tar archive. */
export function packTree(host: Host, view: ContainerView, top: Resolved, options: PackOptions): AsyncGenerator<Buffer> {
  return gathered(pack(host, view, top, options));
}
