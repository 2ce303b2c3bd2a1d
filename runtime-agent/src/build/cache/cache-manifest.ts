/** The manifest around a cache configuration and its layers, as BuildKit writes and reads it. */
import type { Descriptor, Manifest } from '#model/oci/manifest.ts';
import { MEDIA_TYPES } from '#model/oci/manifest.ts';
import { CACHE_CONFIG_TYPE, type CacheLayer } from './cache-config.ts';

export interface CacheManifestOptions {
  /** Digest and size of the configuration. */
  readonly config: Pick<Descriptor, 'digest' | 'size'>;
  readonly layers: readonly CacheLayer[];
  /** An image manifest, not an index of everything. */
  readonly asImage: boolean;
  /** OCI's media types, not Docker's. */
  readonly oci: boolean;
}

export interface WrittenManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export function cacheManifest({ config, layers, asImage, oci }: CacheManifestOptions): WrittenManifest {
  const own = { mediaType: CACHE_CONFIG_TYPE, digest: config.digest, size: config.size };
  const described = layers.map(({ diffId, blob, created }) => ({
    mediaType: blob.mediaType,
    digest: blob.digest,
    size: blob.size,
    annotations: { 'buildkit/createdat': created, 'containerd.io/uncompressed': diffId },
  }));
  const [image, index] = oci
    ? [MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociIndex]
    : [MEDIA_TYPES.dockerManifest, MEDIA_TYPES.dockerList];
  const mediaType = asImage ? image : index;
  const content = asImage ? { config: own, layers: described } : { manifests: [...described, own] };
  return { mediaType, bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content })) };
}

/** Where the cache configuration is; undefined when it is the manifest of something else. */
export function cacheConfigOf(manifest: Manifest): Descriptor | undefined {
  const all = manifest.kind === 'index' ? manifest.manifests : [manifest.config];
  return all.find(({ mediaType }) => mediaType === CACHE_CONFIG_TYPE);
}
