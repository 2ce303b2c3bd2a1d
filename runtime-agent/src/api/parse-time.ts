/** Times in query parameters and filters. */
import { EngineError } from '#model/engine-api/errors.ts';

export interface Moment {
  readonly seconds: number;
  readonly nanoseconds: number;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };
const RFC3339 = /^(\d{4}-\d\d-\d\d)(?:T(\d\d(?::\d\d(?::\d\d)?)?)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/;

function fromMs(ms: number): Moment {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanoseconds: Math.round((ms - seconds * 1000) * 1e6) };
}

/** Go's duration: `1h30m`, `300s`, `1.5h`. */
function duration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|ns))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)/g)) {
    seconds += Number(amount) * (UNIT_SECONDS[unit] ?? 0);
  }
  return seconds;
}

/** A whole number as Go reads it; its mistakes are the server's error, in Go's words. */
export function parseInteger(text: string, go: 'Atoi' | 'ParseInt'): number {
  const problem = /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax';
  if (problem === 'value out of range') {
    const value = BigInt(text.replace('+', ''));
    if (BigInt.asIntN(64, value) === value) return Number(value);
  }
  throw new EngineError('internal', `strconv.${go}: parsing ${JSON.stringify(text)}: ${problem}`);
}

/** Seconds since the epoch with a fraction, which is all that Docker's query parameters may be. */
export function parseTimeParameter(text: string | null): Moment | undefined {
  if (text === null || text === '') return undefined;
  const at = text.indexOf('.');
  const seconds = parseInteger(at < 0 ? text : text.slice(0, at), 'ParseInt');
  const fraction = at < 0 ? '0' : text.slice(at + 1);
  const nanoseconds = parseInteger(fraction, 'ParseInt') * 10 ** (9 - fraction.length);
  // Nothing happened before 1970.
  return seconds < 0 ? { seconds: 0, nanoseconds: 0 } : { seconds, nanoseconds: Math.floor(Math.abs(nanoseconds)) };
}

/** Also RFC 3339 and durations back from now. undefined for nothing and for zero. Throws EngineError('invalid'). */
export function parseTime(text: string | null, now: number = Date.now()): Moment | undefined {
  if (text === null || text === '' || text === '0') return undefined;
  const unix = /^(\d+)(?:\.(\d{1,9}))?$/.exec(text);
  if (unix) return { seconds: Number(unix[1]), nanoseconds: Number((unix[2] ?? '').padEnd(9, '0')) };
  const back = duration(text);
  if (back !== undefined) return fromMs(now - back * 1000);
  const date = RFC3339.exec(text);
  if (date) {
    const [, day = '', time = '00:00:00', fraction = '', zone = 'Z'] = date;
    const full = time.padEnd(8, ':00:00'.slice(time.length - 8));
    const ms = Date.parse(`${day}T${full}${zone}`);
    if (!Number.isNaN(ms)) return { seconds: ms / 1000, nanoseconds: Number(fraction.padEnd(9, '0')) };
  }
  throw new EngineError('invalid', `failed to parse value as time or duration: ${JSON.stringify(text)}`);
}
