/** The index of a build context: every file's place in the spool, its metadata and the hash of its content. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { FileTree, TreeEntry } from '../files/file-tree.ts';
import type { Spool } from './spool.ts';

export interface ContextFile extends TreeEntry {
  /** Where the content starts in the spool. */
  readonly offset: number;
  /** SHA-256 of the content, hex. */
  readonly digest: string;
}

export interface ContextTree extends FileTree {
  /** All paths but the root, parents first. */
  paths(): Iterable<string>;
  /** The content of a small regular file; undefined when it is none. */
  text(path: string): string | undefined;
}

/** A folder that the archive did not bring, but files in it. */
const IMPLIED: ContextFile = {
  kind: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
  target: '',
  offset: 0,
  digest: '',
};
const CHUNK = 1 << 20;

export interface ContextIndex {
  /** Puts the entry in place of what is there; folders above it come into being when they are missing. */
  add(path: string, file: ContextFile): void;
  get(path: string): ContextFile | undefined;
  /** @param spool not disposed as long as the tree is used */
  tree(spool: Spool): ContextTree;
  /** The same without what `ignored` says, but with the folders above what stays. */
  without(ignored: (path: string) => boolean): ContextIndex;
}

/** @param now seconds: the root's time, whatever the archive says of it */
export function createContextIndex(now = 0): ContextIndex {
  const root = { ...IMPLIED, mtime: now };
  const files = new Map<string, ContextFile>([['', root]]);
  const children = new Map<string, Set<string>>([['', new Set()]]);

  const remove = (path: string): void => {
    for (const name of children.get(path) ?? []) remove(`${path}/${name}`);
    children.delete(path);
    files.delete(path);
  };
  const add = (path: string, file: ContextFile): void => {
    if (path === '') return;
    const slash = path.lastIndexOf('/');
    const parent = slash === -1 ? '' : path.slice(0, slash);
    if (files.get(parent)?.kind !== 'directory') add(parent, root);
    const before = files.get(path);
    if (before !== undefined && !(before.kind === 'directory' && file.kind === 'directory')) remove(path);
    files.set(path, file);
    children.get(parent)?.add(path.slice(slash + 1));
    if (file.kind === 'directory' && !children.has(path)) children.set(path, new Set());
  };
  const index: ContextIndex = {
    add,
    get: (path) => files.get(path),
    tree: (spool) => contextTree(files, children, spool),
    without(ignored) {
      const kept = createContextIndex(now);
      for (const [path, file] of files) {
        if (path === '' || ignored(path)) continue;
        // A folder above it that is ignored stays as it was, for what is taken back in below.
        for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
          const above = path.slice(0, slash);
          if (kept.get(above) === undefined) kept.add(above, files.get(above) ?? root);
        }
        kept.add(path, file);
      }
      return kept;
    },
  };
  return index;
}

function contextTree(
  files: ReadonlyMap<string, ContextFile>,
  children: ReadonlyMap<string, ReadonlySet<string>>,
  spool: Spool,
): ContextTree {
  const regular = (path: string): ContextFile => {
    const file = files.get(path);
    if (file?.kind !== 'file') throw new EngineError('internal', `${path} is no file of the build context`);
    return file;
  };
  return {
    entry: (path) => files.get(path),
    children: (path) => [...(children.get(path) ?? [])].sort(),
    digest: (path) => regular(path).digest,
    copyContent: (path, destination) => copyRange(spool, regular(path), destination),
    readInto: (path, buffer, position) => spool.readInto(buffer, regular(path).offset + position),
    paths: () => files.keys(),
    read: (path) => Readable.from(contentOf(spool, regular(path)), { objectMode: false }),
    text(path) {
      const file = files.get(path);
      if (file?.kind !== 'file') return undefined;
      const content = Buffer.alloc(file.size);
      spool.readInto(content, file.offset);
      return content.toString('utf8');
    },
  };
}

async function* contentOf(spool: Spool, file: ContextFile): AsyncGenerator<Buffer> {
  for (let done = 0; done < file.size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, file.size - done));
    await spool.read(buffer, file.offset + done);
    done += buffer.length;
    yield buffer;
  }
}

async function copyRange(spool: Spool, file: ContextFile, destination: string): Promise<void> {
  const target = openSync(destination, 'wx', 0o600);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, file.size));
    for (let done = 0; done < file.size; ) {
      if (done > 0) await setImmediate(); // large files leave room for other requests
      const part = buffer.subarray(0, file.size - done);
      spool.readInto(part, file.offset + done);
      for (let at = 0; at < part.length; ) at += writeSync(target, part, at, part.length - at);
      done += part.length;
    }
  } finally {
    closeSync(target);
  }
}
