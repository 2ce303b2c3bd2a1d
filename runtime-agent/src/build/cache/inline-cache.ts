/** The cache that an image carries in its own configuration, where BuildKit has its own. */
import { EngineError } from '#model/engine-api/errors.ts';
import { decodeCacheConfig, encodeCacheConfig, type RememberedStep } from './cache-config.ts';

const FIELD = 'moby.buildkit.cache.v0';

/** What goes into the image's configuration. */
export function inlineCache(steps: readonly RememberedStep[]): Readonly<Record<string, string>> {
  return { [FIELD]: Buffer.from(encodeCacheConfig({ steps, layers: [] })).toString('base64') };
}

/** None, when it carries none or one that cannot be read. */
export function inlineCacheOf(config: object): readonly RememberedStep[] {
  const field = (config as Readonly<Record<string, unknown>>)[FIELD];
  if (typeof field !== 'string') return [];
  try {
    return decodeCacheConfig(Buffer.from(field, 'base64').toString()).steps;
  } catch (error) {
    if (error instanceof EngineError) return [];
    throw error;
  }
}
