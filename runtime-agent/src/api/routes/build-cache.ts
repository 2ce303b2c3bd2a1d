/** `cachefrom` of `POST /build`, and what our own client says of caches: JSON in the query. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { CacheExport, CacheExportOptions, CacheImport } from '../../build/cache/cache-request.ts';

/** @param value a list of images, null for none, as docker's clients send it */
export function imagesAsCache(value: unknown): CacheImport[] {
  return listOf('cachefrom', value).map((reference) => ({ type: 'image', reference: text('cachefrom', reference) }));
}

/** Throws EngineError('invalid'). */
export function cacheImports(value: unknown): CacheImport[] {
  return listOf('cacheimport', value).map((entry): CacheImport => {
    const { type, reference, name, tag, digest } = Object(entry) as Record<string, unknown>;
    if (type === 'registry') return { type, reference: text('cacheimport', reference) };
    if (type !== 'client') throw new EngineError('invalid', `cacheimport: unknown type ${String(type)}`);
    const own = { name: text('cacheimport', name), tag: text('cacheimport', tag) };
    return { type, ...own, ...(digest === undefined ? {} : { digest: text('cacheimport', digest) }) };
  });
}

/** Throws EngineError('invalid'). */
export function cacheExports(value: unknown): CacheExport[] {
  return listOf('cacheexport', value).map((entry): CacheExport => {
    const { type, reference, name, tag, mode, ...more } = Object(entry) as Record<string, unknown>;
    if (type === 'inline') return { type };
    const how: CacheExportOptions = {
      mode: mode === 'max' ? 'max' : 'min',
      asImage: more['asImage'] !== false,
      oci: more['oci'] !== false,
      ignoreError: more['ignoreError'] === true,
    };
    if (type === 'registry') return { type, reference: text('cacheexport', reference), ...how };
    if (type !== 'client') throw new EngineError('invalid', `cacheexport: unknown type ${String(type)}`);
    return { type, name: text('cacheexport', name), tag: text('cacheexport', tag), ...how };
  });
}

function listOf(name: string, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new EngineError('invalid', `error reading ${name}: not a list`);
  return value;
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new EngineError('invalid', `error reading ${name}: not text`);
  return value;
}
