/** The filters that image list and prune share. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';

/** undefined when the filter is not given. Throws EngineError('invalid') in Docker's words. */
export function readBoolean(filters: Filters, name: string): boolean | undefined {
  const values = filters.get(name);
  if (values === undefined || values.length === 0) return undefined;
  const isTrue = values.some((value) => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value));
  const isFalse = values.some((value) => ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value));
  if (isTrue === isFalse) throw new EngineError('invalid', `invalid filter '${name}=[${values.join(' ')}]'`);
  return isTrue;
}

/** Each wanted label is `key` or `key=value`; all have to be there. */
export function matchesLabels(wanted: readonly string[], labels: Readonly<Record<string, string>> = {}): boolean {
  return wanted.every((text) => {
    const equals = text.indexOf('=');
    if (equals === -1) return Object.hasOwn(labels, text);
    return labels[text.slice(0, equals)] === text.slice(equals + 1);
  });
}

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
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
 * Unix seconds, an RFC 3339 time, or a Go duration before now (`24h`); gives milliseconds since 1970.
 * Throws EngineError('internal') for anything else, as dockerd, which does not know it for the client's fault.
 */
export function parseUntil(text: string, now: Date): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (DURATION.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
    const ms = [...parts].reduce((sum, [, value, unit]) => sum + Number(value) * (UNIT_MS[unit ?? ''] ?? 0), 0);
    return now.getTime() - ms;
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new EngineError('internal', `failed to parse value as time or duration: ${JSON.stringify(text)}`);
}

/** Go's path.Match: `*` and `?` stop at slashes. Throws EngineError('internal', 'syntax error in pattern'), as dockerd. */
export function pathPattern(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|([\s\S])/g, (_all, escaped, not, set, plain) => {
    if (escaped !== undefined) return quote(escaped);
    if (set !== undefined) return `[${not}${set.replace(/[[\]]/g, '\\$&')}]`;
    if (plain === '*') return '[^/]*';
    if (plain === '?') return '[^/]';
    if (plain === '[' || plain === '\\') throw new EngineError('internal', 'syntax error in pattern');
    return quote(plain);
  });
  return new RegExp(`^${source}$`);
}

function quote(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
