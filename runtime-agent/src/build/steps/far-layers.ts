/**
 * Layers that are remembered, and not here: named as if they were, and when something needs them brought from an imported
 * cache, if one has them. Else their steps are done again.
 */
import { chainId } from '#model/oci/chain-id.ts';
import { sha256 } from '../../images/sha256.ts';
import type { SnapshotStore } from '../../snapshots/store.ts';
import type { ImportedCache } from '../cache/imported-cache.ts';
import type { Elsewhere } from '../solver.ts';
import type { Layer, StageResult } from './stage-result.ts';

export interface FarLayers extends Elsewhere<StageResult> {
  layer(parent: string | undefined, diffId: string): Layer;
}

export function farLayers(
  cache: Pick<ImportedCache, 'bring'>,
  snapshots: Pick<SnapshotStore, 'has' | 'adopt'>,
): FarLayers {
  // The build holds them: what is here stays.
  const here = new Set<string>();
  const isHere = (id: string): boolean => {
    if (!here.has(id) && snapshots.has(id)) here.add(id);
    return here.has(id);
  };
  return {
    layer: (parent, diffId) => ({ diffId, chainId: chainId(parent, diffId, sha256) }),
    isHere: ({ layers }) => layers.every((layer) => isHere(layer.chainId)),
    async fetch({ layers }, signal) {
      const brought = layers.map(async ({ chainId: id, diffId }, i) => {
        const parent = layers[i - 1]?.chainId;
        // Another chain may have brought the same layer meanwhile.
        if (isHere(id) || snapshots.adopt(parent, diffId) !== undefined) return true;
        return cache.bring(diffId, parent, signal);
      });
      return (await Promise.all(brought)).every(Boolean);
    },
  };
}
