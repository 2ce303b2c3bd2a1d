/** `docker push`: layers, configuration, and last the manifest, so that a tag never names what is not all there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { layerRetry, layerStatus, type ProgressMessage } from '#model/engine-api/progress.ts';
import { type Digest, shortId } from '#model/oci/digest.ts';
import { parseManifest } from '#model/oci/manifest.ts';
import type { Platform } from '#model/oci/platform.ts';
import { familiarName, familiarReference, type ImageReference, parseReference } from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { RegistryCredentials } from '../registry/credentials.ts';
import type { Registry } from '../registry/registry.ts';
import type { Repository } from '../registry/repository.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { createGate } from './gate.ts';
import type { Image } from './images.ts';
import type { ImageIndex } from './image-index.ts';
import type { LayerBlobs } from './layer-blobs.ts';
import { makeManifest, originalManifest } from './manifest-of.ts';
import { ofPlatform } from './of-platform.ts';
import { pushLayer } from './push-layer.ts';

export interface PushDependencies {
  readonly registry: Registry;
  readonly content: Content;
  readonly snapshots: SnapshotStore;
  readonly layerBlobs: LayerBlobs;
  readonly index: ImageIndex;
}

export interface PushRequest {
  /** `host:5000/team/app`, with a tag if not in `tag`. */
  readonly repository: string;
  /** All tags of the repository when neither says one. */
  readonly tag?: string;
  /** Every image has to be for it. */
  readonly platform?: Platform | undefined;
  readonly credentials?: RegistryCredentials;
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

const PARALLEL_LAYERS = 5;
const RETRY_DELAYS_MS = [500, 2000];

/** Gives what is in the registry now: a tag with its image, or the repository alone. Throws EngineError in Docker's words. */
export async function pushImages(
  dependencies: PushDependencies,
  request: PushRequest,
): Promise<{ readonly reference: ImageReference; readonly image?: Image | undefined }> {
  const { index, registry } = dependencies;
  const named = parseReference(request.repository);
  const { tag: inName, digest, ...repositoryName } = named;
  const tag = request.tag ?? inName;
  if (tag !== undefined && request.platform !== undefined) {
    const id = index.named({ ...repositoryName, tag });
    if (id !== undefined)
      ofPlatform(index.resolve(id), request.platform, familiarReference({ ...repositoryName, tag }));
  }
  request.progress({ status: `The push refers to repository [${named.domain}/${named.path}]` });
  if (digest !== undefined) throw new EngineError('invalid', 'cannot push a digest reference');
  const tags = tag === undefined ? allTags(index, repositoryName) : [{ ...repositoryName, tag }];
  const images = tags.flatMap((reference) => {
    const id = index.named(reference);
    return id === undefined ? [] : [{ reference, image: index.resolve(id) }];
  });
  if (images.length === 0) {
    const other = tag !== undefined && allTags(index, repositoryName).length > 0;
    const text = `An image does not exist locally with the tag: ${familiarName(named)}`;
    throw new EngineError('not-found', other ? `tag does not exist: ${familiarName(named)}:${tag}` : text);
  }
  const repository = await registry.open(named, request.credentials, request.signal);
  for (const { reference, image } of images) {
    await pushOne(dependencies, { ...request, reference, repository }, image);
  }
  return tag === undefined
    ? { reference: repositoryName }
    : { reference: { ...repositoryName, tag }, image: images[0]?.image };
}

function allTags(index: ImageIndex, { domain, path }: ImageReference): ImageReference[] {
  const all = index.list().flatMap((image) => index.names(image.id).map((name) => parseReference(name)));
  return all.filter((one) => one.domain === domain && one.path === path && one.digest === undefined);
}

interface OnePush extends Omit<PushRequest, 'repository'> {
  readonly reference: ImageReference;
  readonly repository: Repository;
}

async function pushOne(dependencies: PushDependencies, push: OnePush, image: Image): Promise<void> {
  const { content, layerBlobs, index } = dependencies;
  const { repository, reference, progress, signal } = push;
  const diffIds = image.config.rootfs.diff_ids;
  const record = index.record(image.id);
  for (const diffId of [...diffIds].reverse()) progress(layerStatus(shortId(diffId), 'Preparing'));
  const original = await originalManifest(content, layerBlobs, {
    id: image.id,
    diffIds,
    manifests: record?.manifests ?? [],
  });
  const wanted = original?.manifest.layers.map(({ digest }) => digest);
  const blobs = await pushLayers(dependencies, push, image, wanted);
  const config = { digest: image.id as Digest, size: content.size(image.id as Digest) ?? 0 };
  if (!(await repository.hasBlob(config.digest, signal))) {
    const bytes = await content.read(config.digest);
    const upload = () => repository.putBlob({ digest: config.digest, size: bytes.length, body: bytes }, signal);
    await withRetries(upload, { id: shortId(config.digest), progress, signal });
  }
  const bytes = original?.bytes ?? makeManifest(config, blobs);
  const { mediaType } = parseManifest(bytes.toString());
  const tag = reference.tag ?? 'latest';
  const digest = await repository.putManifest(tag, bytes, mediaType, signal);
  await content.write(bytes);
  const current = index.record(image.id);
  if (current) {
    index.put(image.id, { ...current, manifests: [...new Set([...(current.manifests ?? []), digest])] });
    index.setName({ domain: reference.domain, path: reference.path, digest }, image.id);
  }
  progress({ status: `${tag}: digest: ${digest} size: ${bytes.length}` });
  progress({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: bytes.length } });
}

/** @param wanted digests of the blobs that the manifest names; any blob of the layer will do when undefined */
async function pushLayers(
  dependencies: PushDependencies,
  { repository, reference, progress, signal }: OnePush,
  image: Image,
  wanted: readonly Digest[] | undefined,
) {
  const gate = createGate(PARALLEL_LAYERS);
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const work = image.config.rootfs.diff_ids.map(async (diffId, i) => {
    using _place = await gate.enter(both);
    const chainId = image.chainIds[i] as string;
    const blob = dependencies.layerBlobs.of(diffId).find(({ digest }) => digest === wanted?.[i]);
    const size = dependencies.snapshots.find(chainId)?.size ?? 0;
    const layer = { chainId, diffId, blob, size, repository, target: reference };
    try {
      const attempt = () => pushLayer(dependencies, layer, { progress, signal: both });
      return await withRetries(attempt, { id: shortId(diffId), progress, signal: both });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(work);
  if (failed.signal.aborted) throw failed.signal.reason;
  return await Promise.all(work);
}

/** Uploads start anew when the connection breaks: the source can be read again. */
async function withRetries<T>(
  attempt: () => Promise<T>,
  { id, progress, signal }: Pick<PushRequest, 'progress' | 'signal'> & { readonly id: string },
): Promise<T> {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'unavailable' || signal.aborted) throw error;
      progress(layerRetry(id, delay));
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }
  return await attempt();
}
