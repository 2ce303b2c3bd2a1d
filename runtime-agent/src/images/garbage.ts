/** Which layers and blobs nothing needs any more, and their deletion. */
import type { SnapshotStore } from '../snapshots/store.ts';
import type { ImageIndex } from './image-index.ts';
import type { LayerBlobs } from './layer-blobs.ts';

export interface Garbage {
  /** Keeps layers while work goes on that nothing names yet. */
  hold(chainIds: readonly string[]): Disposable;
  /** Deletes those of the layers that neither images, containers, caches nor work in progress use; gives their bytes. */
  sweep(chainIds: readonly string[]): Promise<number>;
  /** The same for every layer in the store that is older than that: what a running build or load has made is younger. */
  sweepAll(olderThanMs: number): Promise<number>;
  /** The same for layers that an earlier sweep had to leave to a container. */
  sweepOrphans(): Promise<number>;
}

export interface GarbageDependencies {
  readonly snapshots: SnapshotStore;
  readonly layerBlobs: LayerBlobs;
  readonly index: ImageIndex;
  /** Chain ids that containers and the build cache stand on. */
  readonly otherUsers: () => Iterable<string>;
}

export function createGarbage({ snapshots, layerBlobs, index, otherUsers }: GarbageDependencies): Garbage {
  const held = new Map<string, number>();
  const orphans = new Set<string>();
  const sweep = async (chainIds: readonly string[]): Promise<number> => {
    const named = new Set(index.list().flatMap((image) => image.chainIds));
    const used = new Set([...held.keys(), ...otherUsers(), ...named]);
    for (const id of chainIds) {
      if (used.has(id) && !named.has(id)) orphans.add(id);
      else orphans.delete(id);
    }
    const unused = [...new Set(chainIds)].filter((id) => !used.has(id)).flatMap((id) => snapshots.find(id) ?? []);
    if (unused.length === 0) return 0;
    // All records go before anything awaits, so that no pull can take up a layer that is half gone.
    const removal = snapshots.remove(unused.map(({ chainId }) => chainId));
    const left = new Set(snapshots.all().map(({ diffId }) => diffId));
    const gone = unused.filter(({ diffId }) => !left.has(diffId));
    for (const { diffId } of gone) layerBlobs.forget(diffId);
    await removal;
    return gone.reduce((sum, { size }) => sum + size, 0);
  };
  return {
    hold(chainIds) {
      const ids = [...chainIds];
      for (const id of ids) held.set(id, (held.get(id) ?? 0) + 1);
      return {
        [Symbol.dispose]() {
          for (const id of ids.splice(0)) {
            const count = (held.get(id) ?? 0) - 1;
            if (count > 0) held.set(id, count);
            else held.delete(id);
          }
        },
      };
    },
    sweep,
    sweepOrphans: () => sweep([...orphans]),
    sweepAll(olderThanMs) {
      const old = snapshots.all().filter(({ made }) => made < Date.now() - olderThanMs);
      return sweep(old.map(({ chainId }) => chainId));
    },
  };
}
