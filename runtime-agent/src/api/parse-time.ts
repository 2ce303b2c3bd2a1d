/** Times in query parameters: seconds since the epoch with a fraction, RFC 3339, or a duration back from now. */
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

/** As parseTime, and moments before 1970, of a query parameter, whose mistakes Docker tells in other words than a filter's. */
export function parseTimeParameter(text: string | null): Moment | undefined {
  if (/^-\d+(\.\d+)?$/.test(text ?? '')) return { seconds: 0, nanoseconds: 0 };
  try {
    return parseTime(text);
  } catch (cause) {
    throw new EngineError('internal', `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`, { cause });
  }
}

/** undefined for nothing and for zero. Throws EngineError('invalid'). */
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
