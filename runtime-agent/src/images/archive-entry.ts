/** One file of an image archive on its way in: kept when it is JSON, unpacked at once when it is a layer. */
import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { isDigest } from '#model/oci/digest.ts';
import type { Host } from '../host/host.ts';
import { compressionOf, decompressed } from '../snapshots/decompress.ts';
import type { Snapshot } from '../snapshots/snapshots.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { isTarHeader } from '../snapshots/tar-entry.ts';

export type ArchiveFile =
  | { readonly kind: 'document'; readonly text: string }
  | { readonly kind: 'layer'; readonly snapshot: Snapshot }
  /** Of another entry: old archives link equal layers. */
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'unusable'; readonly reason: string };

export interface FileSink {
  write(chunk: Buffer): Promise<void>;
  end(): Promise<ArchiveFile>;
  /** Gives up; resolves when nothing of it is at work any more. */
  abort(): Promise<void>;
}

/** JSON documents larger than this are not an image's. */
const DOCUMENT_LIMIT = 8 * 1024 * 1024;
const HEAD = 512;
/** Named by its content. */
const BLOB = /^blobs\/(sha256|sha384|sha512)\/([0-9a-f]+)$/;

export interface FileSinkDependencies {
  readonly host: Host;
  readonly snapshots: Pick<SnapshotStore, 'apply' | 'adopt'>;
  /** Bytes that documents may take, all together. */
  readonly documentRoom: { left: number };
}

/** @param name in the archive; `blobs/sha256/<hex>` of a layer that is here already is skipped */
export function openFileSink(dependencies: FileSinkDependencies, name: string, size: number): FileSink {
  let head: Buffer[] = [];
  let gathered = 0;
  let sink: FileSink | undefined;
  const known = knownLayer(dependencies.snapshots, name);
  const decide = async (): Promise<FileSink> => {
    const first = Buffer.concat(head);
    head = [];
    if (isDocument(name, first, size)) sink = documentSink(name, dependencies.documentRoom);
    else sink = couldBeLayer(first) ? layerSink(dependencies) : ignoredSink();
    await sink.write(first);
    return sink;
  };
  return {
    async write(chunk) {
      if (known !== undefined) return;
      if (sink !== undefined) return sink.write(chunk);
      head.push(chunk);
      gathered += chunk.length;
      if (gathered >= HEAD) await decide();
    },
    async end() {
      if (known !== undefined) return { kind: 'layer', snapshot: known };
      return (sink ?? (await decide())).end();
    },
    abort: async () => sink?.abort(),
  };
}

function knownLayer(snapshots: Pick<SnapshotStore, 'adopt'>, name: string): Snapshot | undefined {
  const digest = `sha256:${/(?:^|\/)([0-9a-f]{64})(?:\.tar)?$/.exec(name)?.[1] ?? ''}`;
  return isDigest(digest) ? snapshots.adopt(undefined, digest) : undefined;
}

function isDocument(name: string, first: Buffer, size: number): boolean {
  if (size <= DOCUMENT_LIMIT && name.endsWith('.json')) return true;
  const isTar = first.length >= 265 && first.toString('latin1', 257, 262) === 'ustar';
  return !isTar && size <= DOCUMENT_LIMIT && /^\s*[{["]/.test(first.toString('latin1', 0, 16));
}

/** A tar, or what may hold one; an empty one is all zeros. */
function couldBeLayer(first: Buffer): boolean {
  return compressionOf(first) !== 'none' || first.every((byte) => byte === 0) || isTarHeader(first);
}

function ignoredSink(): FileSink {
  return {
    write: async () => {},
    end: async () => ({ kind: 'unusable', reason: 'it is neither a tar archive nor a compressed one' }),
    abort: async () => {},
  };
}

function documentSink(name: string, room: FileSinkDependencies['documentRoom']): FileSink {
  const chunks: Buffer[] = [];
  return {
    async write(chunk) {
      room.left -= chunk.length;
      if (room.left < 0)
        throw new EngineError('invalid', 'the documents of the archive are too large for one of images');
      chunks.push(chunk);
    },
    async end() {
      const bytes = Buffer.concat(chunks);
      const [, algorithm = 'sha256', said] = BLOB.exec(name) ?? [];
      const actual = createHash(algorithm).update(bytes).digest('hex');
      if (said !== undefined && said !== actual)
        return { kind: 'unusable', reason: `its digest is ${algorithm}:${actual}` };
      return { kind: 'document', text: bytes.toString() };
    },
    abort: async () => {},
  };
}

/** What turns out to be no layer is no error here: the archive may have files that no image names. */
function layerSink({ host, snapshots }: FileSinkDependencies): FileSink {
  const input = new PassThrough({ highWaterMark: 1 << 20 });
  let failed: unknown;
  const work = decompressed(input, host).then((tar) => snapshots.apply(undefined, tar, { distinct: true }));
  work.catch((error: unknown) => {
    failed = error;
    input.resume();
  });
  return {
    async write(chunk) {
      if (failed !== undefined || input.write(chunk)) return;
      await Promise.race([new Promise((resolve) => input.once('drain', resolve)), work.catch(() => {})]);
    },
    async end() {
      input.end();
      try {
        return { kind: 'layer', snapshot: await work };
      } catch (error) {
        if (isFullDisk(error)) throw error;
        return { kind: 'unusable', reason: messageOf(error) };
      }
    },
    async abort() {
      input.destroy(new Error('aborted'));
      await work.catch(() => {});
    },
  };
}

function isFullDisk(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'unavailable';
}
