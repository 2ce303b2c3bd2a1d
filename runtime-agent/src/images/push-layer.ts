/** One layer into a repository: there already, mounted from a neighbour, from the content store, or compressed now. */
import { pipeline, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { layerProgress, layerStatus, type ProgressMessage } from '#model/engine-api/progress.ts';
import { shortId } from '#model/oci/digest.ts';
import { MEDIA_TYPES } from '#model/oci/manifest.ts';
import { type ImageReference, parseReference } from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import { answerOf } from '../registry/registry-error.ts';
import type { Repository } from '../registry/repository.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { gzipLayer } from './gzip-layer.ts';
import type { LayerBlob, LayerBlobs } from './layer-blobs.ts';

export interface PushLayerDependencies {
  readonly content: Content;
  readonly snapshots: Pick<SnapshotStore, 'tar'>;
  readonly layerBlobs: LayerBlobs;
}

export interface LayerToPush {
  readonly chainId: string;
  readonly diffId: string;
  /** The blob that the manifest names; any will do when undefined. */
  readonly blob: LayerBlob | undefined;
  readonly size: number;
  readonly repository: Repository;
  readonly target: ImageReference;
}

interface Waiter {
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

/** Throws EngineError; gives the blob that is in the repository now. */
export async function pushLayer(
  dependencies: PushLayerDependencies,
  layer: LayerToPush,
  waiter: Waiter,
): Promise<LayerBlob> {
  const { content, layerBlobs } = dependencies;
  const { diffId, repository, target } = layer;
  const id = shortId(diffId);
  const name = `${target.domain}/${target.path}`;
  const done = (blob: LayerBlob, status: string): LayerBlob => {
    layerBlobs.note(diffId, { ...blob, repositories: [name] });
    waiter.progress(layerStatus(id, status));
    return blob;
  };
  const candidates = layer.blob === undefined ? layerBlobs.of(diffId) : [layer.blob];
  for (const blob of candidates) {
    if (await repository.hasBlob(blob.digest, waiter.signal)) return done(blob, 'Layer already exists');
  }
  for (const blob of candidates) {
    const from = await mount(blob, layer, waiter.signal);
    if (from !== undefined) return done(blob, `Mounted from ${from}`);
  }
  const stored = candidates.find((blob) => content.has(blob.digest));
  if (stored !== undefined) {
    const open = async (): Promise<Source> => ({ source: content.stream(stored.digest), blob: () => stored });
    await upload(layer, open, { id, total: stored.size }, waiter);
    return done(stored, 'Pushed');
  }
  if (layer.blob !== undefined)
    throw new EngineError('not-found', `blob ${layer.blob.digest} is neither here nor there`);
  const open = async (): Promise<Source> => {
    const { gzip, measure, blob } = gzipLayer();
    return { source: pipeline(await dependencies.snapshots.tar(layer.chainId), gzip, measure, () => {}), blob };
  };
  const made = await upload(layer, open, { id, total: layer.size }, waiter);
  return done({ ...made, mediaType: MEDIA_TYPES.dockerLayer, repositories: [] }, 'Pushed');
}

/** Tries the repositories of the same registry that are known to have the blob. */
async function mount(
  blob: LayerBlob,
  { repository, target }: LayerToPush,
  signal: AbortSignal,
): Promise<string | undefined> {
  const all = blob.repositories.map((name) => parseReference(name));
  const neighbours = all.filter(({ domain, path }) => domain === target.domain && path !== target.path);
  // What was noted last is most likely still there.
  for (const from of neighbours.reverse().slice(0, MOUNT_ATTEMPTS)) {
    if (await repository.mountBlob(blob.digest, from.path, signal).catch(() => false)) return from.path;
  }
  return undefined;
}

/** As dockerd for the largest layers. */
const MOUNT_ATTEMPTS = 4;

interface Source {
  readonly source: Readable;
  /** When all of it has been read. */
  blob(): Pick<LayerBlob, 'digest' | 'size'>;
}

interface Upload {
  readonly id: string;
  readonly total: number;
}

/** In pieces, which needs no size before; in one where a registry takes no pieces (they are optional in the specification). */
async function upload(
  { repository }: LayerToPush,
  open: () => Promise<Source>,
  { id, total }: Upload,
  { progress, signal }: Waiter,
): Promise<Pick<LayerBlob, 'digest' | 'size'>> {
  const send = async ({ source, blob }: Source, by: (body: Readable) => Promise<void>) => {
    const tell = (current: number): void => progress(layerProgress(id, 'Pushing', current, total));
    const counted = Readable.from(counting(source, tell), { objectMode: false });
    try {
      await by(counted);
      return blob();
    } finally {
      source.destroy();
      counted.destroy();
    }
  };
  const first = await open();
  try {
    return await send(first, (body) => repository.uploadBlob(body, () => first.blob().digest, signal));
  } catch (error) {
    if (!(error instanceof EngineError) || !NO_PIECES.includes(answerOf(error)?.status ?? 0)) throw error;
  }
  const { digest, size } = await send(await open(), (body) => finished(body.resume()));
  return send(await open(), (body) => repository.putBlob({ digest, size, body }, signal));
}

/** What a registry answers to a method that it does not know. */
const NO_PIECES = [405, 501];

const PROGRESS_MS = 100;

async function* counting(source: Readable, tell: (current: number) => void): AsyncGenerator<Buffer> {
  let current = 0;
  let last = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    current += chunk.length;
    const now = Date.now();
    if (now - last >= PROGRESS_MS) tell(current);
    if (now - last >= PROGRESS_MS) last = now;
    yield chunk;
  }
}
