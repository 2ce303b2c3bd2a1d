/** The body of /system/df. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary, Volume } from '#model/engine-api/types.ts';

export interface DiskUsageSources {
  images(): object;
  containers(): Promise<readonly ContainerSummary[]>;
  volumes(): Promise<readonly Volume[]>;
  buildCache(): Promise<readonly object[]>;
}

const TYPES = ['container', 'image', 'volume', 'build-cache'];

/** Only what is asked for is measured: what is not comes as null, as Docker's clients expect. */
export async function diskUsage(sources: DiskUsageSources, types: readonly string[]): Promise<object> {
  for (const type of types) {
    if (!TYPES.includes(type)) throw new EngineError('invalid', `unknown object type: ${type}`);
  }
  const wants = (type: string): boolean => types.length === 0 || types.includes(type);
  const [containers, volumes, buildCache] = await Promise.all([
    wants('container') ? sources.containers() : null,
    wants('volume') ? sources.volumes() : null,
    wants('build-cache') ? sources.buildCache() : null,
  ]);
  const images = wants('image') ? sources.images() : { LayersSize: 0, Images: null };
  return { ...images, Containers: containers, Volumes: volumes, BuildCache: buildCache };
}
