/**
 * Takes in a build context: a tar stream, hashed while it arrives. File contents go one after the other into one spool,
 * never to a path that the archive names, so a hostile archive has nothing to break out of.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { BLOCK, padding, type TarEntry } from '../../snapshots/tar-entry.ts';
import { createTarReader } from '../../snapshots/tar-reader.ts';
import { type ContextFile, type ContextIndex, createContextIndex } from './context-tree.ts';
import { createSpool, type Spool, type WritableSpool } from './spool.ts';

export interface ReceivedContext extends Disposable {
  readonly index: ContextIndex;
  readonly spool: Spool;
  /** Bytes of file content. */
  readonly size: number;
}

const KINDS = { '0': 'file', '2': 'symlink', '5': 'directory' } as const;

/**
 * @param tar not compressed
 * @param spoolFile path for the spool, should it need a file: see createSpool
 * Throws EngineError('invalid') when it is no tar archive or a name leads out of it, 'unavailable' when the disk is full.
 */
export async function receiveContext(tar: Readable, spoolFile: string, signal: AbortSignal): Promise<ReceivedContext> {
  const spool = createSpool(spoolFile);
  try {
    const index = createContextIndex(Math.floor(Date.now() / 1000));
    const entries = indexer(index, spool);
    const reader = createTarReader(entries);
    let length = 0;
    for await (const chunk of tar as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      reader.feed(chunk);
      length += chunk.length;
    }
    if (entries.missing() > 0) throw new EngineError('invalid', 'unexpected EOF: the build context was cut off');
    // The docker client sometimes leaves out the end of the archive, the last file's padding included.
    reader.feed(Buffer.alloc(padding(length) + 2 * BLOCK));
    reader.end();
    spool.flush();
    return { index, spool, size: spool.written(), [Symbol.dispose]: () => spool[Symbol.dispose]() };
  } catch (error) {
    spool[Symbol.dispose]();
    throw explain(error);
  }
}

function explain(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new EngineError(
    'unavailable',
    'no space left on device for the build context: free some of it, with docker builder prune for one',
    {
      cause: error,
    },
  );
}

function indexer(index: ContextIndex, spool: WritableSpool) {
  let left = 0;
  let hash: Hash | undefined;
  let finish = (_digest: string): void => {};
  const complete = (): void => {
    finish(hash?.digest('hex') ?? '');
    hash = undefined;
  };
  return {
    /** Bytes of the current file that have not arrived. */
    missing: () => left,
    entry(tarEntry: TarEntry): void {
      const path = contextPath(tarEntry.name);
      left = tarEntry.size;
      hash = undefined;
      finish = () => {};
      if (tarEntry.type === '1') {
        const original = index.get(contextPath(tarEntry.linkName));
        if (original?.kind !== 'file')
          throw new EngineError('invalid', `the hard link ${path} in the build context leads nowhere`);
        index.add(path, original);
        return;
      }
      const plain = { ...entryOf(tarEntry), offset: spool.written() };
      if (plain.kind !== 'file') {
        index.add(path, { ...plain, digest: '' });
        return;
      }
      if (tarEntry.sparse.length > 0 || tarEntry.oldSparse) {
        throw new EngineError(
          'invalid',
          `${path} is stored as a sparse file: make the build context without tar's --sparse`,
        );
      }
      hash = createHash('sha256');
      finish = (digest) => index.add(path, { ...plain, digest });
      if (left === 0) complete();
    },
    data(chunk: Buffer): void {
      hash?.update(chunk);
      spool.write(chunk);
      left -= chunk.length;
      if (left === 0) complete();
    },
  };
}

function entryOf(entry: TarEntry): Omit<ContextFile, 'offset' | 'digest'> {
  const kind = entry.type in KINDS ? KINDS[entry.type as keyof typeof KINDS] : 'other';
  return {
    kind,
    mode: entry.mode,
    uid: 0, // whoever sent it: in the image it belongs to root
    gid: 0,
    mtime: Number(entry.mtime),
    size: kind === 'file' ? entry.size : 0,
    target: kind === 'symlink' ? utf8(entry.linkName) : '',
    ...(kind === 'other' ? { node: nodeOf(entry) } : {}),
  };
}

function nodeOf({ type, deviceMajor, deviceMinor }: TarEntry): string[] {
  return type === '6' ? ['p'] : [type === '3' ? 'c' : 'b', String(deviceMajor), String(deviceMinor)];
}

function utf8(binary: string): string {
  return Buffer.from(binary, 'latin1').toString('utf8');
}

/** A name of the archive as a path of the tree. */
function contextPath(binary: string): string {
  const parts = utf8(binary)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    throw new EngineError('invalid', `forbidden path outside the build context: ${utf8(binary)}`);
  }
  return parts.join('/');
}
