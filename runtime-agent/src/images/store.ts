/** The image store: what the rest of the engine, and the image routes, may ask, put together. */
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { HistoryResponseItem, ImageSummary } from '#model/engine-api/types.ts';
import type { OciContainerDefaults } from '#model/oci/image-config.ts';
import type { Platform } from '#model/oci/platform.ts';
import {
  familiarName,
  familiarReference,
  type ImageReference,
  parseReference,
  withDefaultTag,
} from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Host } from '../host/host.ts';
import type { RegistryCredentials } from '../registry/credentials.ts';
import type { Registry } from '../registry/registry.ts';
import type { Transport } from '../registry/transport.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Database } from '../state/collection.ts';
import { type ImageDiskUsage, imageDiskUsage, sharedSizes } from './disk-usage.ts';
import { type DistributionInspect, inspectDistribution } from './distribution.ts';
import { createGarbage, type Garbage } from './garbage.ts';
import { createGate } from './gate.ts';
import { imageHistory, inspectImage } from './image-inspect.ts';
import { listImages } from './image-list.ts';
import { publishImageEvent, tagImage, tagReference } from './image-names.ts';
import { type ImageIndex, openImageIndex } from './image-index.ts';
import { type Pruned, pruneImages } from './image-prune.ts';
import { type ImageUser, type Removed, type RemoveOptions, removeImage } from './image-remove.ts';
import type { Image, Images, NewImage, PullRequest } from './images.ts';
import { type ImportRequest, importImage } from './import.ts';
import type { LayerBlobs } from './layer-blobs.ts';
import { type LayerTransfers, layerTransfers } from './layer-transfers.ts';
import { type LoadRequest, loadImages } from './load.ts';
import { ofPlatform } from './of-platform.ts';
import { checkPull, type PullDependencies, pullImage } from './pull.ts';
import { lookUpFailure } from './pull-refusal.ts';
import { type PushRequest, pushImages } from './push.ts';
import { recoverImages } from './recover.ts';
import { type RegisteredImage, registerImage } from './register.ts';
import { saveImages } from './save.ts';
import { createSharedWork } from './shared-work.ts';

export interface ImageStoreDependencies {
  readonly host: Host;
  readonly content: Content;
  readonly snapshots: SnapshotStore;
  readonly layerBlobs: LayerBlobs;
  readonly registry: Registry;
  readonly transport: Transport;
  readonly database: Database;
  readonly events: EventLog;
  /** Of this machine. */
  readonly platform: Platform;
  /** The same with the level of its processor: `amd64/v3`. Default: the platform. */
  readonly processor?: () => Platform;
  /** Containers made from the image. */
  readonly imageUsers: (imageId: string) => readonly ImageUser[];
  /** Chain ids that containers and the build cache stand on. */
  readonly layerUsers: () => Iterable<string>;
  /** Applies Dockerfile instructions to a configuration. Throws EngineError('invalid'). */
  readonly applyChanges: (base: OciContainerDefaults, changes: readonly string[]) => OciContainerDefaults;
  readonly now?: () => Date;
}

export interface ImageStore extends Images, Garbage, LayerTransfers {
  summaries(options: {
    readonly all: boolean;
    readonly sharedSize: boolean;
    readonly filters: Filters;
  }): ImageSummary[];
  inspect(nameOrId: string, platform?: Platform): Record<string, unknown>;
  history(nameOrId: string, platform?: Platform): HistoryResponseItem[];
  remove(nameOrId: string, options: RemoveOptions): Promise<Removed[]>;
  prune(filters: Filters): Promise<Pruned>;
  /** Every tag of the repository, one after the other. */
  pullAll(request: PullRequest): Promise<void>;
  push(request: PushRequest): Promise<void>;
  import(request: ImportRequest): Promise<void>;
  load(archive: Readable, request: LoadRequest): Promise<void>;
  /** With platforms, each image has to be for one of them. */
  save(names: readonly string[], platforms: readonly Platform[], signal: AbortSignal): Promise<Readable>;
  distribution(name: string, credentials: RegistryCredentials, signal: AbortSignal): Promise<DistributionInspect>;
  diskUsage(): ImageDiskUsage;
  /** See recoverImages. */
  recover(): Promise<readonly string[]>;
  /** Deletes what interrupted pulls of an earlier engine left, once nobody is likely to go on with it: after a day. */
  sweepLeftovers(): Promise<void>;
}

/** Layers on their way at the same time, over all pulls. */
const PARALLEL_LAYERS = 4;

/** What the parts of the store share. */
type Parts = ImageStoreDependencies & {
  readonly index: ImageIndex;
  readonly garbage: Garbage;
  readonly now: () => Date;
  readonly register: (image: RegisteredImage) => Image;
};

export function openImageStore(dependencies: ImageStoreDependencies): ImageStore {
  const { now = () => new Date() } = dependencies;
  const index = openImageIndex(dependencies.database);
  const garbage = createGarbage({ ...dependencies, index, otherUsers: dependencies.layerUsers });
  const register = (image: RegisteredImage): Image => registerImage({ ...dependencies, index }, image);
  dependencies.events.subscribe(({ Type, Action }) => {
    if (Type === 'container' && Action === 'destroy') garbage.sweepOrphans().catch(() => {}); // the next one tries again
  });
  const parts: Parts = { ...dependencies, index, garbage, now, register };
  return { ...garbage, ...names(parts), ...views(parts), ...transfers(parts), ...removal(parts) };
}

function names(parts: Parts): Pick<ImageStore, 'resolve' | 'find' | 'list' | 'tag' | 'add'> {
  const { index, content, events } = parts;
  return {
    resolve: (nameOrId) => index.resolve(nameOrId),
    find: (nameOrId) => index.find(nameOrId),
    list: () => index.list(),
    tag: (nameOrId, repository, tag) => tagImage(parts, sourceOf(index, nameOrId), tagReference(repository, tag)),
    async add({ config, chainIds, tags = [], parent }: NewImage) {
      using _held = parts.garbage.hold(chainIds);
      const id = await content.write(Buffer.from(JSON.stringify(config)));
      const isNew = index.get(id) === undefined;
      const image = parts.register({ id, config, chainIds, ...(parent === undefined ? {} : { parent }) });
      if (isNew) publishImageEvent(events, 'create', id, { name: id, image });
      for (const name of tags) tagImage(parts, image, withDefaultTag(parseReference(name)));
      return index.resolve(id);
    },
  };
}

function views(parts: Parts): Pick<ImageStore, 'summaries' | 'inspect' | 'history' | 'diskUsage' | 'distribution'> {
  const { index, snapshots, registry, imageUsers } = parts;
  const users = (id: string): number => imageUsers(id).length;
  return {
    summaries({ all, sharedSize, filters }) {
      const images = index.list();
      const source = { images, resolve: index.resolve, users, now: parts.now() };
      return listImages(source, { all, filters, sharedSize: sharedSize ? sharedSizes(images, snapshots) : undefined });
    },
    inspect(nameOrId, platform) {
      const image = ofPlatform(index.resolve(nameOrId), platform, nameOrId);
      return inspectImage(image, snapshots.lowerDirs(image.chainIds));
    },
    history(nameOrId, platform) {
      const image = ofPlatform(index.resolve(nameOrId), platform, nameOrId);
      const sizes = image.chainIds.map((id) => snapshots.find(id)?.size ?? 0);
      return imageHistory(image, sizes, ({ parent }) => (parent === undefined ? undefined : index.get(parent)));
    },
    diskUsage: () => imageDiskUsage(index.list(), snapshots, users),
    distribution: (name, credentials, signal) => inspectDistribution(registry, name, credentials, signal),
  };
}

/** For dockerd, what is no name is not found where it has to be an image's. */
function sourceOf(index: ImageIndex, nameOrId: string): Image {
  try {
    return index.resolve(nameOrId);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid') throw error;
    throw new EngineError('not-found', error.message, { cause: error });
  }
}

function tellOutcome({ progress }: PullRequest, reference: ImageReference, newer: boolean): void {
  const outcome = newer ? 'Downloaded newer image' : 'Image is up to date';
  progress?.({ status: `Status: ${outcome} for ${familiarReference(reference)}` });
}

type Transfers = 'pull' | 'pullAll' | 'push' | 'import' | 'load' | 'save' | keyof LayerTransfers;

function transfers(parts: Parts): Pick<ImageStore, Transfers> {
  const { index, events, garbage, content } = parts;
  const shared = { gate: createGate(PARALLEL_LAYERS), working: createSharedWork<void>() };
  const pull = (request: PullRequest, outcome: PullDependencies['outcome']): Promise<Image> =>
    pullImage({ ...parts, ...garbage, ...shared, outcome }, request);
  const tellOf = (action: 'pull' | 'push', reference: ImageReference, image?: Image): void =>
    publishImageEvent(events, action, familiarReference(reference), { name: familiarName(reference), image });
  return {
    ...layerTransfers({ ...parts, ...shared }),
    async pull(request) {
      const image = await pull(request, (reference, newer) => tellOutcome(request, reference, newer));
      tellOf('pull', withDefaultTag(parseReference(request.reference)), image);
      return image;
    },
    async pullAll(request) {
      const reference = parseReference(request.reference);
      checkPull(reference, request, parts.platform);
      const tags = await parts.registry
        .tags(reference, request.credentials, request.signal)
        .catch((error: unknown) => Promise.reject(lookUpFailure(reference, error)));
      let newer = false;
      // One outcome at the end for all of them, and one event.
      for (const tag of tags) {
        const one = { ...request, reference: `${request.reference}:${tag}` };
        await pull(one, (_reference, isNewer) => (newer ||= isNewer));
      }
      tellOutcome(request, reference, newer);
      tellOf('pull', reference);
    },
    async push(request) {
      const { reference, image } = await pushImages(parts, request);
      tellOf('push', reference, image);
    },
    async import(request) {
      await importImage(
        {
          ...parts,
          store: async ({ config, chainIds, name }) => {
            const id = await content.write(Buffer.from(JSON.stringify(config)));
            const image = parts.register({ id, config, chainIds });
            if (name) tagImage(parts, image, name);
            publishImageEvent(events, 'import', id, { name: id, image });
            return id;
          },
        },
        request,
      );
    },
    load: (archive, request) =>
      loadImages(parts, archive, request, (image) =>
        publishImageEvent(events, 'load', image.id, { name: image.id, image }),
      ),
    async save(names, platforms, signal) {
      const stream = saveImages({ ...parts, hold: garbage.hold }, { names, platforms, signal });
      for (const name of names) {
        const image = index.find(name);
        if (image) publishImageEvent(events, 'save', image.id, { name: image.id, image });
      }
      return stream;
    },
  };
}

const LEFTOVER_MS = 24 * 60 * 60 * 1000;

function removal(parts: Parts): Pick<ImageStore, 'remove' | 'prune' | 'sweepLeftovers' | 'recover'> {
  const { snapshots, index, layerBlobs, content, garbage } = parts;
  const dependencies = { ...parts, users: parts.imageUsers };
  let pruning = false;
  const usedBytes = (): number => {
    const layers = new Map(snapshots.all().map(({ diffId, size }) => [diffId, size]));
    return [...layers.values()].reduce((sum, size) => sum + size, 0);
  };
  return {
    remove: (nameOrId, options) => removeImage(dependencies, nameOrId, options),
    async prune(filters) {
      if (pruning) throw new EngineError('conflict', 'a prune operation is already running');
      pruning = true;
      return await pruneImages({ ...dependencies, usedBytes }, filters).finally(() => (pruning = false));
    },
    recover: () => recoverImages(parts),
    async sweepLeftovers() {
      await garbage.sweepAll(LEFTOVER_MS);
      const ids = index.list().map(({ id }) => id);
      const manifests = ids.flatMap((id) => index.record(id)?.manifests ?? []);
      content.sweep(new Set([...ids, ...manifests, ...layerBlobs.digests()]), LEFTOVER_MS);
    },
  };
}
