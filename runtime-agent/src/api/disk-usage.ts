/** The body of /system/df. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerSummary, ImageSummary, Volume } from '#model/engine-api/types.ts';
import type { Before } from './version.ts';

export interface DiskUsageSources {
  images(): { readonly LayersSize: number; readonly Images: readonly ImageSummary[] };
  containers(): Promise<readonly ContainerSummary[]>;
  volumes(): Promise<readonly Volume[]>;
  buildCache(): Promise<readonly { readonly Size?: number }[]>;
}

/** Unlike in the list of images, no digests are null; before 1.44 the size had a second name. */
function imagesOf({ Images: images, ...rest }: ReturnType<DiskUsageSources['images']>, before: Before): object {
  const shown = images.map((image) => ({
    ...image,
    RepoDigests: image.RepoDigests.length === 0 ? null : image.RepoDigests,
    ...(before('1.44') && { VirtualSize: image.Size }),
  }));
  return { ...rest, Images: shown };
}

const TYPES = ['container', 'image', 'volume', 'build-cache'];

/** Only what is asked for is measured: what is not comes as null, as Docker's clients expect. */
export async function diskUsage(sources: DiskUsageSources, types: readonly string[], before: Before): Promise<object> {
  for (const type of types) {
    if (!TYPES.includes(type)) throw new EngineError('invalid', `unknown object type: ${type}`);
  }
  const wants = (type: string): boolean => types.length === 0 || types.includes(type);
  const [containers, volumes, buildCache] = await Promise.all([
    wants('container') ? sources.containers() : null,
    wants('volume') ? sources.volumes() : null,
    wants('build-cache') ? sources.buildCache() : null,
  ]);
  // The sum was there until every entry told its own.
  const cached = (buildCache ?? []).reduce((sum, { Size = 0 }) => sum + Size, 0);
  const images = wants('image') ? imagesOf(sources.images(), before) : { LayersSize: 0, Images: null };
  return {
    ...images,
    Containers: containers,
    Volumes: volumes,
    BuildCache: buildCache,
    ...(before('1.42') && cached > 0 && { BuilderSize: cached }),
  };
}
