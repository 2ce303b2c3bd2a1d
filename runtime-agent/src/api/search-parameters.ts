/** `GET /images/search`: its parameters, checked before any registry is asked, and the filters applied to what it finds. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { SearchResult } from '../registry/search.ts';

export interface SearchParameters {
  readonly limit: number;
  /** Nothing can be found: there are no automated builds any more. */
  readonly nothing: boolean;
  readonly accepts: (result: SearchResult) => boolean;
}

const DEFAULT_LIMIT = 25;
const KNOWN = ['is-automated', 'is-official', 'stars'];

/** Throws EngineError('invalid') in Docker's words. */
export function searchParameters(limitText: string, filters: Filters): SearchParameters {
  const limit = limitText === '' ? DEFAULT_LIMIT : Number(limitText);
  if (!/^[+-]?\d*$/.test(limitText)) {
    const text = `invalid limit specified: strconv.Atoi: parsing ${JSON.stringify(limitText)}: invalid syntax`;
    throw new EngineError('invalid', text);
  }
  if (limit < 1 || limit > 100) throw new EngineError('invalid', `limit ${limit} is outside the range of [1, 100]`);
  for (const name of filters.keys())
    if (!KNOWN.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`);
  const automated = flag(filters, 'is-automated');
  const official = flag(filters, 'is-official');
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(starsOf));
  return {
    limit,
    nothing: automated === true,
    accepts: ({ is_automated, is_official, star_count }) =>
      (automated === undefined || is_automated === automated) &&
      (official === undefined || is_official === official) &&
      star_count >= stars,
  };
}

function starsOf(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new EngineError('invalid', `invalid filter 'stars=${text}': ${why}`);
}

function flag(filters: Filters, name: string): boolean | undefined {
  const values = filters.get(name) ?? [];
  if (values.length === 0) return undefined;
  const isTrue = values.some((value) => value === 'true' || value === '1');
  const isFalse = values.some((value) => value === 'false' || value === '0');
  if (isTrue === isFalse) throw new EngineError('invalid', `invalid filter '${name}=[${values.join(' ')}]'`);
  return isTrue;
}
