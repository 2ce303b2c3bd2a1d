/** Single layers to and from elsewhere, for what is not a whole image: the build cache. */
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { digestHex } from '#model/oci/digest.ts';
import { MEDIA_TYPES } from '#model/oci/manifest.ts';
import type { ImageReference } from '#model/oci/reference.ts';
import type { Repository } from '../registry/repository.ts';
import { gzipLayer } from './gzip-layer.ts';
import type { LayerBlob } from './layer-blobs.ts';
import { type LayerToPull, type PullLayerDependencies, pullLayer } from './pull-layer.ts';
import { pushLayer } from './push-layer.ts';

export interface OneLayer {
  readonly chainId: string;
  readonly diffId: string;
}

export interface PackedLayer {
  readonly blob: LayerBlob;
  readonly open: () => Readable;
}

export interface LayerTransfers {
  /** From a repository into the snapshot store. Throws EngineError. */
  pullLayer(layer: LayerToPull, signal: AbortSignal): Promise<void>;
  /** Into a repository; gives the blob that is there now. Throws EngineError. */
  pushLayer(layer: OneLayer, repository: Repository, target: ImageReference, signal: AbortSignal): Promise<LayerBlob>;
  /** Compressed, in a file of the folder when no blob of it is kept. */
  packLayer(layer: OneLayer, folder: string, signal: AbortSignal): Promise<PackedLayer>;
}

const silent = (): void => {};

export function layerTransfers(dependencies: PullLayerDependencies): LayerTransfers {
  const { snapshots, layerBlobs, content } = dependencies;
  return {
    pullLayer: (layer, signal) => pullLayer(dependencies, layer, { progress: silent, signal }),
    pushLayer({ chainId, diffId }, repository, target, signal) {
      const size = snapshots.find(chainId)?.size ?? 0;
      const layer = { chainId, diffId, blob: undefined, size, repository, target };
      return pushLayer(dependencies, layer, { progress: silent, signal });
    },
    async packLayer({ chainId, diffId }, folder, signal) {
      const stored = layerBlobs.stored(diffId);
      if (stored !== undefined) return { blob: stored, open: () => content.stream(stored.digest) };
      const { gzip, measure, blob } = gzipLayer();
      const file = path.join(folder, `layer-${digestHex(diffId)}`);
      await pipeline(await snapshots.tar(chainId), gzip, measure, createWriteStream(file), { signal });
      const mediaType = `${MEDIA_TYPES.ociLayer}+gzip`;
      return { blob: { ...blob(), mediaType, repositories: [] }, open: () => createReadStream(file) };
    },
  };
}
