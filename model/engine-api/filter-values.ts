/** What values of filters mean, the same for every resource; errors in Docker's words. */
import { EngineError } from './errors.ts';
import type { Filters } from './filters.ts';

/** Throws EngineError('invalid') for a filter that the resource does not have. */
export function checkFilterNames(filters: Filters, known: readonly string[]): void {
  for (const name of filters.keys()) {
    if (!known.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`);
  }
}

/** As Go's strconv.ParseBool reads it; undefined for anything else. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  return undefined;
}

/** `label` wants all of `key` or `key=value`, `label!` none of them. */
export function labelsMatch(filters: Filters, labels: Readonly<Record<string, string>> | null | undefined): boolean {
  const has = (text: string): boolean => {
    const at = text.indexOf('=');
    const [key, value] = at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
    const present = Object.hasOwn(labels ?? {}, key) ? labels?.[key] : undefined;
    return present !== undefined && (value === undefined || present === value);
  };
  return (filters.get('label') ?? []).every(has) && !(filters.get('label!') ?? []).some(has);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * The `until` filter: Unix seconds, an RFC 3339 time, or a Go duration before now (`1h30m`).
 * @returns milliseconds since 1970; undefined without the filter
 */
export function untilTime(filters: Filters, now: number): number | undefined {
  const [text, second] = filters.get('until') ?? [];
  if (second !== undefined) throw new EngineError('invalid', 'more than one until filter specified');
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
    return now - [...parts].reduce((sum, [, value, unit]) => sum + Number(value) * (UNIT_MS[unit ?? ''] ?? 0), 0);
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new EngineError('invalid', `failed to parse value as time or duration: "${text}"`);
}
