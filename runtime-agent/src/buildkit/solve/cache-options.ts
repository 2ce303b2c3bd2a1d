/** Caches that a BuildKit client names, as the builder has them. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { CacheExport, CacheImport } from '../../build/cache/cache-request.ts';
import type { Watch } from '../../build/watch.ts';
import { LOCAL_CACHE } from '../session/session-content.ts';

export interface CacheEntry {
  readonly Type?: string;
  readonly Attrs?: Readonly<Record<string, string>>;
}

/** @param text JSON, as the frontend's option `cache-imports` has it. What the engine cannot read is told of. */
export function cacheImports(text: string | undefined, watch: Watch): CacheImport[] {
  return parseEntries(text).flatMap(({ Type = '', Attrs = {} }): CacheImport[] => {
    const { ref, src, digest, tag = 'latest' } = Attrs;
    if (Type === 'registry' && ref !== undefined) return [{ type: 'registry', reference: ref }];
    if (Type === 'local' && src !== undefined && digest !== undefined) {
      return [{ type: 'client', name: `${LOCAL_CACHE}${src}`, tag, digest }];
    }
    watch({ kind: 'warning', text: `cache import of type ${Type} is not there: the build goes on without it` });
    return [];
  });
}

function parseEntries(text: string | undefined): CacheEntry[] {
  if (text === undefined || text === '') return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as CacheEntry[]) : [];
  } catch (cause) {
    throw new EngineError('invalid', `error reading cache-imports: ${messageOf(cause)}`, { cause });
  }
}

/** Throws EngineError('not-implemented') for those that are not there. */
export function inlineExports(entries: readonly CacheEntry[]): CacheExport[] {
  return entries.map(({ Type = '', Attrs = {} }): CacheExport => {
    if (Type === 'inline') return { type: 'inline' };
    if (Type === 'registry' && Attrs['ref'] !== undefined) {
      const isTrue = (name: string, fallback: boolean): boolean =>
        Attrs[name] === undefined ? fallback : /^(1|true)$/i.test(Attrs[name]);
      return {
        type: 'registry',
        reference: Attrs['ref'],
        mode: Attrs['mode'] === 'max' ? 'max' : 'min',
        asImage: isTrue('image-manifest', true),
        oci: isTrue('oci-mediatypes', true),
        ignoreError: isTrue('ignore-error', false),
      };
    }
    throw new EngineError('not-implemented', `cache export of type ${Type} is not there: use inline or registry`);
  });
}
