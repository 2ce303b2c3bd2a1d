/** One layer from a registry into the snapshot store, unpacked while it downloads. */
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { layerProgress, layerRetry, layerStatus, type ProgressMessage } from '#model/engine-api/progress.ts';
import { shortId } from '#model/oci/digest.ts';
import type { Descriptor } from '#model/oci/manifest.ts';
import type { Content } from '../content/content.ts';
import type { Host } from '../host/host.ts';
import type { Repository } from '../registry/repository.ts';
import { decompressed } from '../snapshots/decompress.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { download } from './download.ts';
import type { Gate } from './gate.ts';
import type { LayerBlobs } from './layer-blobs.ts';
import type { SharedWork } from './shared-work.ts';

export interface PullLayerDependencies {
  readonly host: Host;
  readonly content: Content;
  readonly snapshots: SnapshotStore;
  readonly layerBlobs: LayerBlobs;
  readonly gate: Gate;
  readonly working: SharedWork<void>;
}

export interface LayerToPull {
  readonly descriptor: Descriptor;
  readonly diffId: string;
  /** Chain id of the layers below. */
  readonly parent: string | undefined;
  readonly repository: Repository;
  /** `docker.io/library/node`: known to have the blob from now on. */
  readonly repositoryName: string;
}

type Tell = (message: ProgressMessage) => void;

/** Makes the layer's snapshot and tells of it. */
export async function pullLayer(
  dependencies: PullLayerDependencies,
  layer: LayerToPull,
  waiter: { readonly progress: Tell; readonly signal: AbortSignal },
): Promise<void> {
  const { snapshots, layerBlobs, working } = dependencies;
  const { descriptor, diffId, parent } = layer;
  const id = shortId(descriptor.digest);
  if (snapshots.adopt(parent, diffId)) {
    note(layerBlobs, layer);
    waiter.progress(layerStatus(id, 'Already exists'));
    return;
  }
  waiter.progress(layerStatus(id, 'Pulling fs layer'));
  await working.join(diffId, waiter, (tell, signal) => storedOrFetched(dependencies, layer, tell, signal));
  // Another pull that shared the work may have failed and swept the layer again.
  if (!snapshots.adopt(parent, diffId)) {
    await pullLayer(dependencies, layer, waiter);
    return;
  }
  note(layerBlobs, layer);
  waiter.progress(layerStatus(id, 'Pull complete'));
}

function note(layerBlobs: LayerBlobs, { diffId, descriptor, repositoryName }: LayerToPull): void {
  const { digest, size, mediaType } = descriptor;
  layerBlobs.note(diffId, { digest, size, mediaType, repositories: [repositoryName] });
}

/** A blob that was kept and is damaged, by a machine that went down, is fetched again. */
async function storedOrFetched(
  dependencies: PullLayerDependencies,
  layer: LayerToPull,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const wasHere = dependencies.content.has(layer.descriptor.digest);
  try {
    await fetchLayer(dependencies, layer, tell, signal);
  } catch (error) {
    if (!wasHere || !(error instanceof EngineError) || error.code !== 'invalid') throw error;
    await fetchLayer(dependencies, layer, tell, signal);
  }
}

async function fetchLayer(
  { host, content, snapshots, layerBlobs, gate }: PullLayerDependencies,
  layer: LayerToPull,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const { descriptor, diffId, parent } = layer;
  const id = shortId(descriptor.digest);
  if (gate.full) tell(layerStatus(id, 'Waiting'));
  using _place = await gate.enter(signal);
  const refused = new AbortController();
  const fetched = content.has(descriptor.digest)
    ? undefined
    : fetchBlob(content, layer, tell, AbortSignal.any([signal, refused.signal]));
  const chunks = fetched ?? (content.stream(descriptor.digest) as AsyncIterable<Buffer>);
  const compressed = Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 });
  const stop = (): void => void compressed.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await snapshots.apply(parent, await decompressed(compressed, host), { diffId, blobKept: true, distinct: true });
    note(layerBlobs, layer);
  } catch (error) {
    compressed.destroy();
    refused.abort();
    await fetched?.return(undefined).catch(() => {}); // its partial blob is gone before the failure is told
    content.delete(descriptor.digest);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    compressed.destroy();
  }
}

async function* fetchBlob(
  content: Content,
  { descriptor, repository }: LayerToPull,
  tell: Tell,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const id = shortId(descriptor.digest);
  const ingest = await content.ingest(descriptor.digest);
  const onProgress = throttled((current) => tell(layerProgress(id, 'Downloading', current, descriptor.size)));
  try {
    yield* download({
      repository,
      descriptor,
      ingest,
      signal,
      onProgress,
      onRetry: (ms) => tell(layerRetry(id, ms)),
    });
    tell(layerStatus(id, 'Verifying Checksum'));
    await ingest.commit();
    tell(layerStatus(id, 'Download complete'));
    tell(layerProgress(id, 'Extracting', descriptor.size, descriptor.size));
  } finally {
    await ingest.close();
  }
}

const PROGRESS_MS = 100;

/** The first, and then at most ten a second. */
function throttled(tell: (current: number) => void): (current: number) => void {
  let last = 0;
  return (current) => {
    const now = Date.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    tell(current);
  };
}
