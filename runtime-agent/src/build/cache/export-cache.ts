/** Hands on what a build remembers: to a registry, or to the client as an OCI layout. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { Digest } from '#model/oci/digest.ts';
import { parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { RegistryCredentials } from '../../images/images.ts';
import type { LayerTransfers, PackedLayer } from '../../images/layer-transfers.ts';
import type { Registry } from '../../registry/registry.ts';
import { BLOCK, encodeHeader, padding } from '../../snapshots/tar-entry.ts';
import { credentialsFor } from '../base-images.ts';
import type { BuildClient } from '../build-client.ts';
import type { Layer } from '../steps/stage-result.ts';
import { type CacheLayer, encodeCacheConfig, type RememberedStep } from './cache-config.ts';
import { cacheManifest, type WrittenManifest } from './cache-manifest.ts';
import type { CacheExport, CacheExportOptions } from './cache-request.ts';

export interface ExportedSteps {
  readonly steps: readonly RememberedStep[];
  /** Diff ids of the image's layers. */
  readonly imageLayers: ReadonlySet<string>;
  /** Those that are here. */
  readonly isHere: (chainId: string) => boolean;
}

export interface ExportCacheTools {
  readonly registry: Pick<Registry, 'open'>;
  readonly images: LayerTransfers;
  readonly credentials: Readonly<Record<string, RegistryCredentials>>;
  readonly client: BuildClient | undefined;
  /** For files that live as long as the build. */
  folder(): Promise<string>;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

type Elsewhere = Exclude<CacheExport, { readonly type: 'inline' }>;

/** Throws EngineError when one cannot be written, unless its failure is to be ignored. */
export async function exportCaches(
  wanted: readonly CacheExport[],
  memory: ExportedSteps,
  tools: ExportCacheTools,
): Promise<void> {
  for (const one of wanted) {
    if (one.type === 'inline') continue;
    const name = one.type === 'registry' ? one.reference : 'the client';
    tools.tell(`Exporting cache to ${name}\n`);
    try {
      await (one.type === 'registry' ? toRegistry(one, memory, tools) : toClient(one, memory, tools));
    } catch (error) {
      tools.signal.throwIfAborted();
      if (!(error instanceof EngineError)) throw error;
      const text = `error writing the cache to ${name}: ${messageOf(error)}`;
      if (!one.ignoreError) throw new EngineError(error.code, text, { cause: error });
      tools.tell(`[Warning] ${text}\n`);
    }
  }
}

/** Layers that steps of this build made and that go along, each once. */
function layersOf({ mode }: CacheExportOptions, { steps, imageLayers, isHere }: ExportedSteps) {
  const found = new Map<string, { readonly layer: Layer; readonly created: string }>();
  for (const { outcome } of steps) {
    const { layer, created } = outcome;
    if (layer === undefined || !isHere(layer.chainId)) continue;
    if (mode === 'max' || imageLayers.has(layer.diffId)) found.set(layer.diffId, { layer, created });
  }
  return [...found.values()];
}

const digestOf = (bytes: Buffer): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The configuration and the manifest. */
function documentsOf(
  { asImage, oci }: CacheExportOptions,
  { steps }: ExportedSteps,
  layers: readonly CacheLayer[],
): { readonly config: Buffer; readonly manifest: WrittenManifest } {
  const config = Buffer.from(encodeCacheConfig({ steps, layers }));
  const described = { digest: digestOf(config), size: config.length };
  return { config, manifest: cacheManifest({ config: described, layers, asImage, oci }) };
}

async function toRegistry(
  wanted: Extract<Elsewhere, { readonly type: 'registry' }>,
  memory: ExportedSteps,
  { registry, images, credentials, signal }: ExportCacheTools,
): Promise<void> {
  const target = withDefaultTag(parseReference(wanted.reference));
  const repository = await registry.open(target, credentialsFor(wanted.reference, credentials), signal);
  const layers: CacheLayer[] = [];
  for (const { layer, created } of layersOf(wanted, memory)) {
    const blob = await images.pushLayer(layer, repository, target, signal);
    layers.push({ diffId: layer.diffId, blob, created });
  }
  const { config, manifest } = documentsOf(wanted, memory, layers);
  const digest = digestOf(config);
  if (!(await repository.hasBlob(digest, signal)))
    await repository.uploadBlob(Readable.from([config]), () => digest, signal);
  await repository.putManifest(target.tag ?? 'latest', manifest.bytes, manifest.mediaType, signal);
}

async function toClient(
  wanted: Extract<Elsewhere, { readonly type: 'client' }>,
  memory: ExportedSteps,
  { images, client, folder, signal }: ExportCacheTools,
): Promise<void> {
  if (client === undefined) throw new EngineError('invalid', 'nobody can take the cache');
  const layers: CacheLayer[] = [];
  const packed: PackedLayer[] = [];
  for (const { layer, created } of layersOf(wanted, memory)) {
    const one = await images.packLayer(layer, await folder(), signal);
    packed.push(one);
    layers.push({ diffId: layer.diffId, blob: one.blob, created });
  }
  const { config, manifest } = documentsOf(wanted, memory, layers);
  await client.deliver(wanted.name, Readable.from(layout(config, manifest, packed, wanted.tag), { objectMode: false }));
}

/** image-spec image-layout.md; index.json comes last. */
async function* layout(
  config: Buffer,
  { mediaType, bytes }: WrittenManifest,
  layers: readonly PackedLayer[],
  tag: string,
): AsyncGenerator<Buffer> {
  const nameOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  const whole = (name: string, content: Buffer): Buffer =>
    Buffer.concat([header(name, content.length), content, Buffer.alloc(padding(content.length))]);
  yield whole('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  for (const { blob, open } of layers) {
    yield header(nameOf(blob.digest), blob.size);
    yield* open() as AsyncIterable<Buffer>;
    yield Buffer.alloc(padding(blob.size));
  }
  yield whole(nameOf(digestOf(config)), config);
  yield whole(nameOf(digestOf(bytes)), bytes);
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const manifests = [{ mediaType, digest: digestOf(bytes), size: bytes.length, annotations }];
  yield whole('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
  yield Buffer.alloc(2 * BLOCK);
}

function header(name: string, size: number): Buffer {
  const none = { linkName: '', uid: 0, gid: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  return encodeHeader({ ...none, type: '0', name, mode: 0o644, size, mtime: '0' });
}
