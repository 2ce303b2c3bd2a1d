/**
 * What a build remembers, as it travels: BuildKit's cache configuration (moby/buildkit cache/remotecache/v1), so that it can
 * live wherever BuildKit's can. What a record comes to, and layers that did not travel along, are said in a field of ours,
 * which BuildKit passes over; the records' digests are our steps' identities.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import { isDigest } from '#model/oci/digest.ts';
import type { StepOutcome } from '../steps/stage-result.ts';

export const CACHE_CONFIG_TYPE = 'application/vnd.buildkit.cacheconfig.v0';

export interface RememberedStep {
  /** `sha256:…` each. */
  readonly keys: readonly string[];
  readonly outcome: StepOutcome;
}

/** A layer that travels along. */
export interface CacheLayer {
  readonly diffId: string;
  readonly blob: { readonly digest: string; readonly size: number; readonly mediaType: string };
  /** RFC 3339. */
  readonly created: string;
}

export interface CacheContent {
  readonly steps: readonly RememberedStep[];
  readonly layers: readonly CacheLayer[];
}

const NO_PARENT = -1;

export function encodeCacheConfig({ steps, layers }: CacheContent): string {
  const places = new Map(layers.map(({ diffId }, i) => [diffId, i]));
  const records = steps.flatMap(({ keys, outcome }) => {
    const place = outcome.layer === undefined ? undefined : places.get(outcome.layer.diffId);
    const results = place === undefined ? {} : { layers: [{ layer: place, createdAt: outcome.created }] };
    const slipway = { created: outcome.created, ...shared(outcome) };
    return keys.map((digest) => ({ digest, ...results, slipway }));
  });
  const described = layers.map(({ diffId, blob, created }) => ({
    blob: blob.digest,
    parent: NO_PARENT,
    annotations: { mediaType: blob.mediaType, diffID: diffId, size: blob.size, createdAt: created },
  }));
  return JSON.stringify({ layers: described, records });
}

/** What a step is stays here: its arguments may be secret. */
function shared({ layer }: StepOutcome): Pick<StepOutcome, 'layer'> {
  if (layer === undefined) return {};
  const { chainId, diffId, size } = layer;
  return { layer: { chainId, diffId, size } };
}

/** Records that are not ours are left out; what they describe is not known. Throws EngineError('invalid') for what is no cache configuration. */
export function decodeCacheConfig(text: string): CacheContent {
  const { layers, records } = parse(text);
  return {
    steps: list(records).flatMap((record) => {
      const { digest, slipway } = Object(record) as Record<string, unknown>;
      const outcome = outcomeOf(slipway);
      return outcome !== undefined && isText(digest) && isDigest(digest) ? [{ keys: [digest], outcome }] : [];
    }),
    layers: list(layers).flatMap((layer) => {
      const { blob: digest, annotations } = Object(layer) as Record<string, unknown>;
      const { mediaType, diffID: diffId, size, createdAt: created } = Object(annotations) as Record<string, unknown>;
      const isWhole = isText(digest) && isDigest(digest) && isText(diffId) && isDigest(diffId) && isSize(size);
      if (!isWhole || !isText(mediaType)) return [];
      return [{ diffId, blob: { digest, size, mediaType }, created: isText(created) ? created : '' }];
    }),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch (cause) {
    throw new EngineError('invalid', 'the cache configuration is not JSON', { cause });
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isText = (value: unknown): value is string => typeof value === 'string';
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function outcomeOf(value: unknown): StepOutcome | undefined {
  const { created, layer } = Object(value) as Record<string, unknown>;
  if (!isText(created) || Number.isNaN(Date.parse(created))) return undefined;
  const description = '';
  if (layer === undefined) return { created, description };
  const { chainId, diffId, size } = Object(layer) as Record<string, unknown>;
  const isWhole = isText(chainId) && isDigest(chainId) && isText(diffId) && isDigest(diffId) && isSize(size);
  return isWhole ? { created, description, layer: { chainId, diffId, size } } : undefined;
}
