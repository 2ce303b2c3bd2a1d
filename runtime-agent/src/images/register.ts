/** The last step of everything that makes an image appear: its record and its names, in one transaction. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import type { ImageReference } from '#model/oci/reference.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Database } from '../state/collection.ts';
import type { Image } from './images.ts';
import type { ImageIndex } from './image-index.ts';
import { checkDepth } from './layer-depth.ts';

export interface RegisteredImage {
  /** Digest of the configuration, which is in the content store. */
  readonly id: string;
  readonly config: OciImageConfig;
  readonly chainIds: readonly string[];
  readonly names?: readonly ImageReference[];
  /** Digests of the manifest, and of the index that led to it; in the content store. */
  readonly manifests?: readonly string[];
  readonly parent?: string;
}

export interface RegisterDependencies {
  readonly database: Database;
  readonly index: ImageIndex;
  readonly snapshots: Pick<SnapshotStore, 'find'>;
}

/** An image that is here already gets the new names and manifests. Throws EngineError: 'internal' when a layer is missing. */
export function registerImage(
  { database, index, snapshots }: RegisterDependencies,
  { id, config, chainIds, names = [], manifests = [], parent }: RegisteredImage,
): Image {
  checkDepth(chainIds);
  const size = chainIds.reduce((sum, chainId) => {
    const layer = snapshots.find(chainId);
    if (layer === undefined)
      throw new EngineError('internal', `layer ${chainId} of image ${id} is not in the snapshot store`);
    return sum + layer.size;
  }, 0);
  return database.transaction(() => {
    const known = index.record(id);
    const all = [...new Set([...(known?.manifests ?? []), ...manifests])];
    const made = parent === undefined ? {} : { parent };
    const isKnown = known !== undefined && all.length === (known.manifests ?? []).length;
    if (!isKnown || (known.parent ?? parent) !== known.parent)
      index.put(id, { ...made, ...known, config, chainIds, size, manifests: all });
    for (const name of names) index.setName(name, id);
    return index.resolve(id);
  });
}
