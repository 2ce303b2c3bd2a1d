/** One blob on its way in: bytes go to a temporary file, are hashed, and become the blob when the digest is right. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Digest, digestAlgorithm, digestHex } from '#model/oci/digest.ts';

export interface Ingest {
  /** Bytes already here from an interrupted run, and those appended since. */
  readonly offset: number;
  /** The bytes up to `offset`, hashed while they are read; read them to their end before the first append. */
  kept(): AsyncIterable<Buffer>;
  /** Forgets all bytes. */
  restart(): Promise<void>;
  /** Takes the bytes at once; resolves when those before them are written, so that writing and reading overlap. */
  append(bytes: Uint8Array): Promise<void>;
  /**
   * Verifies and publishes. The caller sees to it that the bytes come to the disk, or are not trusted after the machine went
   * down (see snapshots/durability.ts). Throws EngineError('invalid') when the digest is another; then nothing is kept.
   */
  commit(): Promise<void>;
  /** Closes without publishing: with `keep`, what is here serves the next ingest of the digest. No-op after commit. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}

/** Interrupted downloads older than this are not worth keeping. */
const KEEP_MS = 24 * 60 * 60 * 1000;
const PARTIAL = '.partial';

/** Removes what cannot be gone on with: everything but partial blobs of the last day. */
export function sweepIngests(directory: string): void {
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (!name.endsWith(PARTIAL) || age > KEEP_MS) rmSync(file, { recursive: true, force: true });
  }
}

export interface IngestOptions {
  readonly digest: Digest;
  readonly directory: string;
  /** Where the blob goes. */
  readonly target: string;
}

/** The caller makes sure that a digest has one ingest at a time. */
export async function openIngest({ digest, directory, target }: IngestOptions): Promise<Ingest> {
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, digestHex(digest) + PARTIAL);
  const handle = await open(file, 'a+');
  const { size } = await handle.stat();
  return ingest({ digest, target, file, handle, size });
}

interface State {
  readonly digest: Digest;
  readonly target: string;
  readonly file: string;
  readonly handle: FileHandle;
  readonly size: number;
}

function ingest({ digest, target, file, handle, size }: State): Ingest {
  const algorithm = digestAlgorithm(digest);
  let hash: Hash = createHash(algorithm);
  let offset = size;
  let hashed = 0;
  let open = true;
  let writing = Promise.resolve();
  const close = async ({ keep = false } = {}): Promise<void> => {
    if (!open) return;
    open = false;
    await writing.catch(() => {});
    await handle.close();
    if (!keep || offset === 0) await rm(file, { force: true });
  };
  return {
    get offset() {
      return offset;
    },
    async *kept() {
      const stream = createReadStream(file, { end: offset - 1, highWaterMark: 1 << 18 });
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        hash.update(chunk);
        hashed += chunk.length;
        yield chunk;
      }
    },
    async restart() {
      await writing;
      await handle.truncate(0);
      hash = createHash(algorithm);
      offset = hashed = 0;
    },
    async append(bytes) {
      if (hashed !== offset) throw new Error('the kept bytes were not read');
      hash.update(bytes);
      offset += bytes.length;
      hashed = offset;
      const before = writing;
      writing = before.then(() => handle.writeFile(bytes));
      writing.catch(() => {}); // the next append, or commit, throws it
      await before;
    },
    async commit() {
      await writing;
      const actual = `${algorithm}:${hash.digest('hex')}`;
      if (actual !== digest || hashed !== offset) {
        await close();
        throw new EngineError('invalid', `filesystem layer verification failed for digest ${digest}`);
      }
      open = false;
      await handle.close();
      await rename(file, target);
    },
    close,
  };
}
