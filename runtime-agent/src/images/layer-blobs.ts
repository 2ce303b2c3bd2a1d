/** Which compressed blobs hold which layer, kept here or known to be in a registry. */
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { pipeline, type Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Digest } from '#model/oci/digest.ts';
import type { Content } from '../content/content.ts';
import type { Database } from '../state/database.ts';

export interface LayerBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
  /** Repositories (`docker.io/library/node`) that are known to have it. */
  readonly repositories: readonly string[];
}

export interface LayerBlobs {
  of(diffId: string): readonly LayerBlob[];
  /** One that is in the content store. */
  stored(diffId: string): LayerBlob | undefined;
  note(diffId: string, blob: LayerBlob): void;
  /** The layer's uncompressed tar. Throws EngineError('not-found') when no blob of it is stored. */
  tar(diffId: string): Promise<Readable>;
  forget(diffId: string): void;
  /** Digests of all that are known. */
  digests(): readonly string[];
}

const CHUNK = 1 << 18;

export function openLayerBlobs(database: Database, content: Content): LayerBlobs {
  const collection = database.collection<readonly LayerBlob[]>('layer_blobs');
  const of = (diffId: string): readonly LayerBlob[] => collection.get(diffId) ?? [];
  const stored = (diffId: string): LayerBlob | undefined => of(diffId).find(({ digest }) => content.has(digest));
  return {
    of,
    stored,
    note(diffId, blob) {
      const known = of(diffId);
      const same = known.find(({ digest }) => digest === blob.digest);
      const repositories = [...new Set([...(same?.repositories ?? []), ...blob.repositories])];
      collection.put(diffId, [...known.filter((one) => one !== same), { ...blob, repositories }]);
    },
    async tar(diffId) {
      const blob = stored(diffId);
      if (blob === undefined) throw new EngineError('not-found', `no blob of layer ${diffId} is in the content store`);
      return await decompress(content.stream(blob.digest));
    },
    digests: () => collection.all().flatMap(({ value }) => value.map(({ digest }) => digest)),
    forget(diffId) {
      const digests = of(diffId).map(({ digest }) => digest);
      collection.delete(diffId);
      for (const digest of digests) content.delete(digest);
    },
  };
}

/** Gzip, zstd or nothing, told by the first bytes, as Docker does: media types in the wild are not always right. */
export async function decompress(stream: Readable): Promise<Readable> {
  stream.on('error', () => {}); // its reader sees it, whenever that begins
  const first = await firstBytes(stream);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  const isZstd = first.length >= 4 && first.readUInt32LE(0) === 0xfd2fb528;
  if (!isGzip && !isZstd) return stream;
  const inflate = isGzip ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress({ chunkSize: CHUNK });
  // pipeline destroys `inflate` with the stream's error, which its reader then sees.
  return pipeline(stream, inflate, () => {});
}

async function firstBytes(stream: Readable): Promise<Buffer> {
  for (;;) {
    const head = stream.read(4) as Buffer | null;
    if (head !== null) {
      stream.unshift(head);
      return head;
    }
    if (stream.readableEnded || stream.errored) return Buffer.alloc(0);
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off('readable', done).off('end', done).off('error', done).off('close', done);
        resolve();
      };
      stream.on('readable', done).on('end', done).on('error', done).on('close', done);
    });
  }
}
