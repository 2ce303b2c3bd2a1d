/** What `POST /build/prune` asks for. */
import { parseDuration } from '#model/dockerfile/duration.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { PruneRequest } from '../build/cache-upkeep.ts';
import { parseTime } from './parse-time.ts';
import type { Call } from './route.ts';

/** Docker's names for what BuildKit's filters can say; besides them the times. */
const FIELDS = new Set(['id', 'parent', 'type', 'description', 'inuse', 'shared', 'private']);
const TIMES = new Set(['until', 'unused-for']);
/** Limits of which the cache knows one; clients send the last for the first, for engines of old. */
const SIZES = ['reserved-space', 'keep-storage', 'max-used-space'] as const;

/** Throws EngineError('invalid') in Docker's words. */
export function cachePruneRequest(call: Call): PruneRequest {
  const parts: string[] = [];
  let unusedSince: number | undefined;
  for (const [name, values] of call.filters()) {
    if (!FIELDS.has(name) && !TIMES.has(name)) throw refusal(`invalid filter '${name}'`);
    if (values.length > 1) throw refusal('filters expect only one value');
    const [value] = values;
    if (TIMES.has(name)) unusedSince = sinceOf(name, value ?? '');
    else parts.push(value === undefined ? name : `${name}${name === 'id' ? '~=' : '=='}${value}`);
  }
  const keepBytes = SIZES.map((name) => bytesOf(call, name)).find((bytes) => bytes > 0);
  return {
    ...(parts.length === 0 ? {} : { filters: [parts.join(',')] }),
    ...(call.flag('all') ? {} : { keepShared: true }),
    ...(unusedSince === undefined ? {} : { unusedSince }),
    ...(keepBytes === undefined ? {} : { keepBytes }),
  };
}

function refusal(text: string): EngineError {
  return new EngineError('invalid', `failed to prune build cache: ${text}`);
}

function bytesOf(call: Call, name: string): number {
  const text = call.query.get(name) || '0';
  if (/^\d+$/.test(text)) return Number(text);
  throw new EngineError('invalid', `${name} is in bytes and expects an integer, got ${text}`);
}

/** `24h` back from now, or a time; milliseconds since 1970. */
function sinceOf(name: string, text: string): number {
  const back = parseDuration(text);
  if (back !== undefined) return Date.now() - back / 1e6;
  try {
    const moment = parseTime(text);
    if (moment !== undefined) return moment.seconds * 1000;
  } catch (cause) {
    throw refusal(`"${name}" filter expects a duration (e.g., '24h') or a timestamp: ${messageOf(cause)}`);
  }
  const why = `failed to parse value as time or duration: ${JSON.stringify(text)}`;
  throw refusal(`"${name}" filter expects a duration (e.g., '24h') or a timestamp: ${why}`);
}
