/** Reads the caches that a build was told to start from. One that cannot be read is told of, and the build goes on. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { choosePlatform, type Platform } from '#model/oci/platform.ts';
import type { Digest } from '#model/oci/digest.ts';
import type { Descriptor, ImageManifest, Manifest } from '#model/oci/manifest.ts';
import { parseImageConfig } from '#model/oci/image-config-parse.ts';
import { parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import type { Host } from '../../host/host.ts';
import type { Images, RegistryCredentials } from '../../images/images.ts';
import type { LayerTransfers } from '../../images/layer-transfers.ts';
import type { Registry } from '../../registry/registry.ts';
import { readBody } from '../../registry/transport.ts';
import { decompressed } from '../../snapshots/decompress.ts';
import type { Snapshots } from '../../snapshots/snapshots.ts';
import { credentialsFor } from '../base-images.ts';
import type { BuildClient } from '../build-client.ts';
import { openClientLayout } from '../context/client-layout.ts';
import { decodeCacheConfig } from './cache-config.ts';
import { cacheConfigOf } from './cache-manifest.ts';
import type { CacheImport } from './cache-request.ts';
import type { BringLayer, LoadedCache } from './imported-cache.ts';
import { inlineCacheOf } from './inline-cache.ts';

export interface ImportCachesTools {
  readonly host: Host;
  readonly registry: Pick<Registry, 'find'>;
  readonly images: Pick<Images, 'find'> & LayerTransfers;
  readonly snapshots: Pick<Snapshots, 'apply'>;
  /** Of the image that is built. */
  readonly platform: Platform;
  readonly credentials: Readonly<Record<string, RegistryCredentials>>;
  readonly client: BuildClient | undefined;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const NOTHING: LoadedCache = { steps: [], layers: new Map() };
const DOCUMENT_LIMIT = 64 * 1024 * 1024;

/** In the order of the request. */
export function importCaches(wanted: readonly CacheImport[], tools: ImportCachesTools): Promise<LoadedCache[]> {
  return Promise.all(
    wanted.map(async (one) => {
      const name = one.type === 'client' ? one.name : one.reference;
      try {
        return await load(one, tools);
      } catch (error) {
        tools.signal.throwIfAborted();
        if (!(error instanceof EngineError)) throw error;
        tools.tell(`[Warning] failed to import the cache ${name}: ${messageOf(error)}\n`);
        return NOTHING;
      }
    }),
  );
}

async function load(wanted: CacheImport, tools: ImportCachesTools): Promise<LoadedCache> {
  switch (wanted.type) {
    case 'image': {
      const image = tools.images.find(wanted.reference);
      return image === undefined ? NOTHING : { ...NOTHING, steps: inlineCacheOf(image.config) };
    }
    case 'registry':
      return fromRegistry(wanted.reference, tools);
    case 'client':
      return fromClient(wanted, tools);
  }
}

/** Something with manifests and blobs. */
interface Place {
  readonly manifest: (digest: Digest) => Promise<Manifest>;
  /** A small one, whole. */
  readonly blob: (descriptor: Descriptor) => Promise<Buffer>;
  readonly layer: (descriptor: Descriptor, diffId: string) => BringLayer;
}

async function fromRegistry(name: string, tools: ImportCachesTools): Promise<LoadedCache> {
  const { registry, images, credentials, signal } = tools;
  const reference = withDefaultTag(parseReference(name));
  const { manifest, repository } = await registry.find(reference, credentialsFor(name, credentials), signal);
  const repositoryName = `${reference.domain}/${reference.path}`;
  return fromManifest(manifest, tools, {
    manifest: async (digest) => (await repository.manifest(digest, signal)).manifest,
    async blob({ digest, size }) {
      const { stream } = await repository.blob(digest, 0, signal);
      return readBody(stream, Math.min(size, DOCUMENT_LIMIT));
    },
    layer: (descriptor, diffId) => (parent, stop) =>
      images.pullLayer({ descriptor, diffId, parent, repository, repositoryName }, stop),
  });
}

async function fromClient(
  wanted: Extract<CacheImport, { readonly type: 'client' }>,
  tools: ImportCachesTools,
): Promise<LoadedCache> {
  const { host, client, snapshots } = tools;
  const { top, manifest, blob, open } = await openClientLayout(client, wanted);
  return fromManifest(top, tools, {
    manifest,
    blob,
    layer:
      ({ digest }, diffId) =>
      async (parent) => {
        await snapshots.apply(parent, await decompressed(await open(digest), host), { diffId });
      },
  });
}

/** The manifest of a cache, or of an image (for some platforms) that remembers how it was built. */
async function fromManifest(manifest: Manifest, tools: ImportCachesTools, place: Place): Promise<LoadedCache> {
  const config = cacheConfigOf(manifest);
  if (config !== undefined) {
    const { steps, layers } = decodeCacheConfig((await place.blob(config)).toString());
    const bring = layers.map(({ diffId, blob }): [string, BringLayer] => [
      diffId,
      place.layer({ ...blob, digest: blob.digest as Digest }, diffId),
    ]);
    return { steps, layers: new Map(bring) };
  }
  const image = manifest.kind === 'image' ? manifest : await imageOf(manifest.manifests, tools.platform, place);
  return fromImage(parseImageConfig((await place.blob(image.config)).toString()), image, place);
}

async function imageOf(entries: readonly Descriptor[], platform: Platform, place: Place): Promise<ImageManifest> {
  const entry = choosePlatform(entries, platform);
  const manifest = entry === undefined ? undefined : await place.manifest(entry.digest);
  if (manifest?.kind !== 'image') throw new EngineError('not-found', 'it has no image for this platform');
  return manifest;
}

function fromImage(config: OciImageConfig, { layers }: ImageManifest, place: Place): LoadedCache {
  const bring = config.rootfs.diff_ids.flatMap((diffId, i): [string, BringLayer][] => {
    const descriptor = layers[i];
    return descriptor === undefined ? [] : [[diffId, place.layer(descriptor, diffId)]];
  });
  return { steps: inlineCacheOf(config), layers: new Map(bring) };
}
