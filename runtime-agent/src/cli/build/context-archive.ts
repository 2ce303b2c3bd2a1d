/** A folder as the tar stream of a build context: without what the ignore file says, owned by root, in the order of names. */
import { type Dirent, lstatSync, openSync, readdirSync, readlinkSync, readSync, closeSync, type Stats } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { IgnorePatterns } from '#model/dockerfile/ignore-file.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { BLOCK, encodeHeader, padding, type TarEntry, type TarType } from '../../snapshots/tar-entry.ts';

export interface ArchivedText {
  readonly name: string;
  readonly text: string;
}

export interface ContextArchive {
  /** Undefined: nothing but the extra files. */
  readonly folder: string | undefined;
  readonly ignore: IgnorePatterns;
  /** Paths that go along although they are ignored: the engine has to read them. */
  readonly always: readonly string[];
  /** Files that are not in the folder. */
  readonly extra: readonly ArchivedText[];
}

const CHUNK = 1 << 20;

export async function* contextArchive({ folder, ignore, always, extra }: ContextArchive): AsyncGenerator<Buffer> {
  const writer = createWriter();
  for (const { name, text } of extra) {
    const content = Buffer.from(text);
    writer.add(headerOf({ name, type: '0', mode: 0o644, mtime: Date.now() / 1000, size: content.length }));
    writer.add(content);
    writer.add(Buffer.alloc(padding(content.length)));
  }
  for (const { name, stats, linked } of folder === undefined ? [] : walk(folder, ignore, new Set(always))) {
    const file = path.join(folder ?? '', name);
    const entry = entryOf(name, stats, linked, file);
    if (entry === undefined) continue;
    writer.add(headerOf(entry));
    if (entry.type === '0') {
      for (const piece of pieces(file, stats.size)) {
        writer.add(piece);
        if (writer.isFull()) yield writer.take();
      }
      writer.add(Buffer.alloc(padding(stats.size)));
    }
    if (!writer.isFull()) continue;
    yield writer.take();
    await setImmediate(); // the answer of the engine is read in between
  }
  writer.add(Buffer.alloc(2 * BLOCK));
  yield writer.take();
}

interface Found {
  readonly name: string;
  readonly stats: Stats;
  /** Name of the same file that came before. */
  readonly linked: string | undefined;
}

function* walk(folder: string, ignore: IgnorePatterns, always: ReadonlySet<string>): Generator<Found> {
  const inodes = new Map<string, string>();
  const told = new Set<string>();
  const stack: string[] = children(folder, '');
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const stats = lstatSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stats === undefined) continue; // it went while we walked
    const isIgnored = ignore.ignores(name);
    const leads = [...always].some((wanted) => wanted.startsWith(`${name}/`));
    if (stats.isDirectory() && (!isIgnored || leads || ignore.mayReinclude(name)))
      stack.push(...children(folder, name));
    if (isIgnored && !always.has(name)) continue;
    // Folders that are ignored, but not what is in them, come as they are.
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
      const above = name.slice(0, slash);
      if (told.has(above)) continue;
      told.add(above);
      yield { name: above, stats: lstatSync(path.join(folder, above)), linked: undefined };
    }
    if (stats.isDirectory()) told.add(name);
    const inode = `${stats.dev}:${stats.ino}`;
    const linked = stats.isFile() && stats.nlink > 1 ? inodes.get(inode) : undefined;
    if (stats.isFile() && stats.nlink > 1 && linked === undefined) inodes.set(inode, name);
    yield { name, stats, linked };
  }
}

/** Last first, for a stack. */
function children(folder: string, name: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path.join(folder, name), { withFileTypes: true });
  } catch (cause) {
    throw new EngineError('invalid', `cannot read the build context: ${(cause as Error).message}`, { cause });
  }
  return entries
    .map((entry) => (name === '' ? entry.name : `${name}/${entry.name}`))
    .sort()
    .reverse();
}

type Header = Pick<TarEntry, 'name' | 'type' | 'mode' | 'size'> & {
  readonly mtime: number;
  readonly linkName?: string;
};

/** Undefined for sockets, which mean nothing elsewhere. */
function entryOf(name: string, stats: Stats, linked: string | undefined, file: string): Header | undefined {
  const common = { name, mode: stats.mode & 0o7777, mtime: stats.mtimeMs / 1000, size: 0 };
  const plain = (type: TarType): Header => ({ ...common, type });
  if (linked !== undefined) return { ...plain('1'), linkName: linked };
  if (stats.isFile()) return { ...plain('0'), size: stats.size };
  if (stats.isDirectory()) return { ...plain('5'), name: `${name}/` };
  if (stats.isSymbolicLink()) return { ...plain('2'), linkName: readlinkSync(file) };
  return stats.isFIFO() ? plain('6') : undefined;
}

function headerOf({ name, linkName = '', mtime, ...rest }: Header): Buffer {
  const binary = (text: string): string => Buffer.from(text).toString('latin1');
  return encodeHeader({
    ...rest,
    name: binary(name),
    linkName: binary(linkName),
    mtime: String(Math.floor(mtime)),
    uid: 0,
    gid: 0,
    deviceMajor: 0,
    deviceMinor: 0,
    xattrs: [],
    sparse: [],
  });
}

/** Exactly `size` bytes, whatever happens to the file meanwhile. */
function* pieces(file: string, size: number): Generator<Buffer> {
  const fd = openSync(file, 'r');
  try {
    for (let done = 0; done < size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - done));
      const count = readSync(fd, buffer, 0, buffer.length, done);
      if (count === 0) throw new EngineError('invalid', `${file} became shorter while it was read`);
      done += count;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(fd);
  }
}

function createWriter() {
  let held: Buffer[] = [];
  let length = 0;
  return {
    add(bytes: Buffer): void {
      if (bytes.length === 0) return;
      held.push(bytes);
      length += bytes.length;
    },
    isFull: () => length >= CHUNK,
    take(): Buffer {
      const whole = Buffer.concat(held);
      held = [];
      length = 0;
      return whole;
    },
  };
}
