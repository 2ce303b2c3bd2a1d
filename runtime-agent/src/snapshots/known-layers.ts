/** Which layers came of which files, so that a build that makes the same ones again does not write them again. */
import { createHash } from 'node:crypto';
import type { NewLayer } from './new-layer.ts';

export interface KnownLayers {
  /** The diff id of a layer of the same files; undefined when nobody remembers, or a content's digest is not known. */
  find(layer: NewLayer): string | undefined;
  remember(layer: NewLayer, diffId: string): void;
}

const MOST = 256;
const BATCH = 512; // lines

export function createKnownLayers(): KnownLayers {
  const diffIds = new Map<string, string>();
  const names = new WeakMap<NewLayer, string | undefined>();
  const nameOf = (layer: NewLayer): string | undefined => {
    if (!names.has(layer)) names.set(layer, identity(layer));
    return names.get(layer);
  };
  return {
    find: (layer) => diffIds.get(nameOf(layer) ?? ''),
    remember(layer, diffId) {
      const name = nameOf(layer);
      if (name === undefined) return;
      diffIds.delete(name);
      diffIds.set(name, diffId);
      const [oldest] = diffIds.keys();
      if (diffIds.size > MOST && oldest !== undefined) diffIds.delete(oldest);
    },
  };
}

/** Of all that the tar depends on. */
function identity(layer: NewLayer): string | undefined {
  const hash = createHash('sha256');
  for (let from = 0; from < layer.length; from += BATCH) {
    const part = layer.slice(from, from + BATCH);
    if (part.some(({ entry, digest }) => entry.size > 0 && digest === undefined)) return undefined;
    hash.update(JSON.stringify(part.map(({ entry, digest }) => [entry, digest])));
  }
  return hash.digest('hex');
}
