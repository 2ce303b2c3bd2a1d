/** Which compressed blobs hold which layer, kept here or known to be in a registry. */
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Digest } from '#model/oci/digest.ts';
import type { Content } from '../content/content.ts';
import type { Host } from '../host/host.ts';
import { decompressed } from '../snapshots/decompress.ts';
import type { Database } from '../state/collection.ts';

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

export function openLayerBlobs(database: Database, content: Content, host: Host): LayerBlobs {
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
      return await decompressed(content.stream(blob.digest), host);
    },
    digests: () => collection.all().flatMap(({ value }) => value.map(({ digest }) => digest)),
    forget(diffId) {
      const digests = of(diffId).map(({ digest }) => digest);
      collection.delete(diffId);
      for (const digest of digests) content.delete(digest);
    },
  };
}
