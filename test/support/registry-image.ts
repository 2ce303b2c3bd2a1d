/** Images made by hand and put into a registry with plain HTTP (OCI distribution-spec), byte for byte as a test wants them. */
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Buffer;
}

export type Compression = 'gzip' | 'zstd' | 'none';

export interface HandImage {
  /** Tars, bottom first. */
  readonly layers: readonly Buffer[];
  readonly compression?: Compression;
  readonly config?: object;
  readonly architecture?: string;
  readonly variant?: string;
}

export interface PushedImage {
  /** Digest of the configuration: the image's id. */
  readonly id: string;
  readonly manifest: Blob;
  readonly layers: readonly Blob[];
}

const OCI = 'application/vnd.oci.image';
export const sha256 = (bytes: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function blob(bytes: Buffer, mediaType: string): Blob {
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes };
}

const descriptor = ({ mediaType, digest, size }: Blob) => ({ mediaType, digest, size });

function compressed(tar: Buffer, compression: Compression): Blob {
  switch (compression) {
    case 'gzip':
      return blob(gzipSync(tar), `${OCI}.layer.v1.tar+gzip`);
    case 'zstd':
      return blob(zstdCompressSync(tar), `${OCI}.layer.v1.tar+zstd`);
    case 'none':
      return blob(tar, `${OCI}.layer.v1.tar`);
  }
}

interface MadeImage {
  readonly config: Blob;
  readonly layers: Blob[];
  readonly manifest: Blob;
}

export function makeImage(image: HandImage): MadeImage {
  const { layers, compression = 'gzip' } = image;
  return imageOf(
    layers.map((tar) => compressed(tar, compression)),
    image,
  );
}

function imageOf(layers: Blob[], image: HandImage): MadeImage {
  const { layers: tars, architecture = 'amd64', variant } = image;
  const document = {
    architecture,
    ...(variant === undefined ? {} : { variant }),
    os: 'linux',
    created: '2024-01-02T03:04:05.678Z',
    config: image.config ?? {},
    rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    history: tars.map((_, i) => ({ created: '2024-01-02T03:04:05Z', created_by: `layer ${i}` })),
  };
  const config = blob(Buffer.from(JSON.stringify(document)), `${OCI}.config.v1+json`);
  const manifest = {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: descriptor(config),
    layers: layers.map(descriptor),
  };
  return { config, layers, manifest: blob(Buffer.from(JSON.stringify(manifest)), manifest.mediaType) };
}

/** Layers that were compressed elsewhere, with gzip. @param name `team/app:1` */
export async function pushLayers(
  registry: string,
  name: string,
  layers: readonly Buffer[],
  zipped: readonly Buffer[],
): Promise<PushedImage> {
  const blobs = zipped.map((bytes) => blob(bytes, `${OCI}.layer.v1.tar+gzip`));
  return await push(registry, name, imageOf(blobs, { layers }));
}

/** @param name `team/app:1` @param registry `http://127.0.0.1:5000` */
export async function pushImage(registry: string, name: string, image: HandImage): Promise<PushedImage> {
  return await push(registry, name, makeImage(image));
}

async function push(registry: string, name: string, { config, layers, manifest }: MadeImage): Promise<PushedImage> {
  const [repository = '', tag] = name.split(':');
  for (const one of [...layers, config]) await pushBlob(`${registry}/v2/${repository}`, one);
  await pushManifest(`${registry}/v2/${repository}`, manifest, tag ?? manifest.digest);
  return { id: config.digest, manifest, layers };
}

/** An index of images that are in the repository already. */
export async function pushIndex(
  registry: string,
  name: string,
  entries: readonly { readonly image: PushedImage; readonly platform: object | undefined }[],
): Promise<Blob> {
  const [repository = '', tag = 'latest'] = name.split(':');
  const manifests = entries.map(({ image, platform }) => ({ ...descriptor(image.manifest), platform }));
  const mediaType = `${OCI}.index.v1+json`;
  const index = blob(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })), mediaType);
  await pushManifest(`${registry}/v2/${repository}`, index, tag);
  return index;
}

async function pushBlob(base: string, { digest, bytes }: Blob): Promise<void> {
  const opened = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const url = new URL(opened.headers.get('location') ?? '', base);
  url.searchParams.set('digest', digest);
  const stored = await fetch(url, {
    method: 'PUT',
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
  if (stored.status !== 201) throw new Error(`the registry refused ${digest}: ${stored.status} ${await stored.text()}`);
}

async function pushManifest(base: string, { bytes, mediaType }: Blob, reference: string): Promise<void> {
  const headers = { 'content-type': mediaType };
  const stored = await fetch(`${base}/manifests/${reference}`, { method: 'PUT', body: bytes, headers });
  if (stored.status !== 201)
    throw new Error(`the registry refused ${reference}: ${stored.status} ${await stored.text()}`);
}
