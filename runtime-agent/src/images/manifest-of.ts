/** The manifest under which an image is pushed. */
import type { Digest } from '#model/oci/digest.ts';
import { type Descriptor, type ImageManifest, MEDIA_TYPES, parseManifest } from '#model/oci/manifest.ts';
import type { Content } from '../content/content.ts';
import type { LayerBlob, LayerBlobs } from './layer-blobs.ts';

/** The manifest that the image was pulled with, byte for byte, when all its blobs can still be had. */
export async function originalManifest(
  content: Content,
  layerBlobs: LayerBlobs,
  image: { readonly id: string; readonly diffIds: readonly string[]; readonly manifests: readonly string[] },
): Promise<{ readonly bytes: Buffer; readonly manifest: ImageManifest } | undefined> {
  for (const digest of image.manifests as readonly Digest[]) {
    if (!content.has(digest)) continue;
    const bytes = await content.read(digest);
    const manifest = parseManifest(bytes.toString());
    if (manifest.kind !== 'image' || manifest.config.digest !== image.id) continue;
    const known = image.diffIds.map((diffId, i) =>
      layerBlobs.of(diffId).find((blob) => blob.digest === manifest.layers[i]?.digest),
    );
    const whole = known.every(
      (blob) => blob !== undefined && (content.has(blob.digest) || blob.repositories.length > 0),
    );
    if (whole && manifest.layers.length === image.diffIds.length) return { bytes, manifest };
  }
  return undefined;
}

/** Docker's schema 2 when all layers are gzip, which every registry and engine takes; OCI otherwise. */
export function makeManifest(
  config: { readonly digest: Digest; readonly size: number },
  blobs: readonly LayerBlob[],
): Buffer {
  const isDocker = blobs.every(({ mediaType }) => mediaType.endsWith('gzip'));
  const layers = blobs.map(
    ({ digest, size, mediaType }): Descriptor => ({
      mediaType: isDocker ? MEDIA_TYPES.dockerLayer : ociType(mediaType),
      size,
      digest,
    }),
  );
  const document = {
    schemaVersion: 2,
    mediaType: isDocker ? MEDIA_TYPES.dockerManifest : MEDIA_TYPES.ociManifest,
    config: { mediaType: isDocker ? MEDIA_TYPES.dockerConfig : MEDIA_TYPES.ociConfig, ...config },
    layers,
  };
  return Buffer.from(JSON.stringify(document, undefined, 3));
}

function ociType(mediaType: string): string {
  const compression = /[+.](gzip|zstd)$/.exec(mediaType)?.[1];
  return compression === undefined ? MEDIA_TYPES.ociLayer : `${MEDIA_TYPES.ociLayer}+${compression}`;
}
