/** The image store: what the rest of the engine, and the image routes, may ask (images.ts), put together. */
import type { Platform } from '#model/oci/platform.ts';
import { familiarName, familiarReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry/registry.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Database } from '../state/database.ts';
import { createGarbage, type Garbage } from './garbage.ts';
import { createGate } from './gate.ts';
import { publishImageEvent, tagImage, tagReference } from './image-names.ts';
import { type ImageIndex, openImageIndex } from './image-index.ts';
import type { Image, Images, NewImage } from './images.ts';
import type { LayerBlobs } from './layer-blobs.ts';
import { pullImage, type PulledImage } from './pull.ts';
import { createSharedWork } from './shared-work.ts';

export interface ImageStoreDependencies {
  readonly content: Content;
  readonly snapshots: SnapshotStore;
  readonly layerBlobs: LayerBlobs;
  readonly registry: Registry;
  readonly database: Database;
  readonly events: EventLog;
  /** Of this machine. */
  readonly platform: Platform;
  /** Chain ids that containers and the build cache stand on. */
  readonly otherUsers: () => Iterable<string>;
  readonly now?: () => Date;
}

export interface ImageStore extends Images, Garbage {
  readonly index: ImageIndex;
}

/** Layers on their way at the same time, over all pulls. */
const PARALLEL_LAYERS = 4;

export function openImageStore(dependencies: ImageStoreDependencies): ImageStore {
  const { content, snapshots, database, events, now = () => new Date() } = dependencies;
  const index = openImageIndex(database);
  const garbage = createGarbage({ ...dependencies, index });
  const pulling = { gate: createGate(PARALLEL_LAYERS), working: createSharedWork<void>() };
  const size = (chainIds: readonly string[]): number =>
    chainIds.reduce((sum, id) => sum + (snapshots.find(id)?.size ?? 0), 0);
  const register = ({ id, config, chainIds, manifests, names }: PulledImage): Image =>
    database.transaction(() => {
      const known = index.record(id);
      const all = [...new Set([...(known?.manifests ?? []), ...manifests])];
      index.put(id, { ...known, config, chainIds, size: size(chainIds), manifests: all });
      for (const name of names) index.setName(name, id);
      return index.resolve(id);
    });
  const tag = (nameOrId: string, repository: string, tag: string): void => {
    tagImage({ index, events, now }, index.resolve(nameOrId), tagReference(repository, tag));
  };
  return {
    index,
    ...garbage,
    resolve: (nameOrId) => index.resolve(nameOrId),
    find: (nameOrId) => index.find(nameOrId),
    list: () => index.list(),
    tag,
    async pull(request) {
      const image = await pullImage({ ...dependencies, ...garbage, ...pulling, index, register }, request);
      const reference = withDefaultTag(parseReference(request.reference));
      publishImageEvent(events, 'pull', familiarReference(reference), { name: familiarName(reference), image });
      return image;
    },
    async add({ config, chainIds, tags = [], parent }: NewImage) {
      const id = await content.write(Buffer.from(JSON.stringify(config)));
      if (index.get(id) === undefined) {
        index.put(id, { config, chainIds, size: size(chainIds), ...(parent === undefined ? {} : { parent }) });
        publishImageEvent(events, 'create', id, { name: id, image: index.get(id) });
      }
      for (const name of tags)
        tagImage({ index, events, now }, index.resolve(id), withDefaultTag(parseReference(name)));
      return index.resolve(id);
    },
  };
}
