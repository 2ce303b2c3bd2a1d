/** Writes a layer of new files into an empty directory, and says what its tar is. */
import { createHash } from 'node:crypto';
import type { Host } from '../host/host.ts';
import { type NewLayer, newLayerTar } from './new-layer.ts';
import { extractOwn } from './unpack.ts';

export interface ExtractedLayer {
  readonly diffId: string;
  readonly tarSize: number;
}

/** The tar is hashed while tar(1) writes the files of what came before. Throws the signal's reason, or as extractOwn does. */
export async function extractNew(
  host: Host,
  directory: string,
  layer: NewLayer,
  signal?: AbortSignal,
): Promise<ExtractedLayer> {
  const hash = createHash('sha256');
  let tarSize = 0;
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of newLayerTar(layer, { signal })) {
      hash.update(chunk);
      tarSize += chunk.length;
      yield chunk;
    }
  };
  if (host.ids.ranges === undefined) await extractOwn(host, directory, hashed());
  else {
    // Owners are the host's on disk, and the containers' in the layer.
    for await (const _ of hashed());
    await extractOwn(host, directory, newLayerTar(layer, { ids: host.ids, signal }));
  }
  return { diffId: `sha256:${hash.digest('hex')}`, tarSize };
}
