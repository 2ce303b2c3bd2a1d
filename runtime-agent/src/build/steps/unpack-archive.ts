/** ADD of archives: unpacked beside the root file system, safely, then put in like any other files. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Host } from '../../host/host.ts';
import { unpackLayer } from '../../snapshots/unpack.ts';
import { BLOCK, verifyChecksum } from '../../snapshots/tar-entry.ts';
import { compressionOf, decompressed } from '../../snapshots/decompress.ts';

/** Is it a tar archive, perhaps compressed? Told by its content. Reads no more than it needs. */
export async function isArchive(open: () => Readable, host: Host): Promise<boolean> {
  const start = await firstBytes(open(), BLOCK);
  if (compressionOf(start) === 'none') return isTarHeader(start);
  return isTarHeader(await firstBytes(await decompressed(open(), host), BLOCK).catch(() => Buffer.alloc(0)));
}

function isTarHeader(block: Buffer): boolean {
  if (block.length < BLOCK || block.every((byte) => byte === 0)) return false;
  try {
    verifyChecksum(block);
    return true;
  } catch {
    return false;
  }
}

async function firstBytes(stream: Readable, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= count) break; // leaving the loop closes the stream
  }
  return Buffer.concat(chunks).subarray(0, count);
}

export interface UnpackedArchive {
  readonly directory: string;
  /** Folders in it that the archive has only in the names of others. */
  readonly implied: ReadonlySet<string>;
  /** See linkOuter. */
  readonly links: ReadonlyMap<string, string>;
}

/** Unpacks into a new folder in `folder`. Throws EngineError('invalid') for a damaged archive. */
export async function unpackArchive(archive: Readable, folder: string, host: Host): Promise<UnpackedArchive> {
  const directory = path.join(folder, 'unpacked');
  await mkdir(directory, { mode: 0o755 });
  const tar = await decompressed(archive, host);
  const whole = new PassThrough();
  const piped = pipeline(tar, whole);
  piped.catch(() => {}); // the reader of `whole` gets the error
  const { implied, links } = await unpackLayer({ host, directory, tar: whole, isPlain: true });
  await piped;
  return { directory, implied, links };
}
