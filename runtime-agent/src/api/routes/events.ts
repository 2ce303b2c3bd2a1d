/** `GET /events` */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EngineEvent, EventLog } from '../../events/event-log.ts';
import { compileEventFilters } from '../../events/event-filters.ts';
import { type Moment, parseTimeParameter } from '../parse-time.ts';
import type { Call, Route } from '../route.ts';

const nanos = (moment: Moment): bigint => BigInt(moment.seconds) * 1_000_000_000n + BigInt(moment.nanoseconds);

async function events(log: EventLog, call: Call): Promise<undefined> {
  const since = parseTimeParameter(call.query.get('since'));
  const until = parseTimeParameter(call.query.get('until'));
  if (since && until && nanos(since) > nanos(until)) {
    const times = `(${call.query.get('since')}) cannot be after \`until\` time (${call.query.get('until')})`;
    throw new EngineError('invalid', `\`since\` time ${times}`);
  }
  const filtered = compileEventFilters(call.filters());
  // Images that were made told nothing.
  const isKnown = (event: EngineEvent): boolean =>
    !call.before('1.46') || event.Type !== 'image' || event.Action !== 'create';
  const matches = (event: EngineEvent): boolean => isKnown(event) && filtered(event);
  const stream = call.stream('application/json');
  const queue: unknown[] = [];
  const ended = AbortSignal.any([call.signal, ...(until === undefined ? [] : [untilSignal(until)])]);
  let wake = (): void => {};
  const last = until === undefined ? undefined : nanos(until);
  const past = since === undefined && until === undefined ? [] : log.remembered();
  for (const event of past) {
    const at = BigInt(event.timeNano);
    if ((since === undefined || at >= nanos(since)) && (last === undefined || at <= last) && matches(event))
      queue.push(event);
  }
  const unsubscribe = log.subscribe((event) => {
    if (!matches(event)) return;
    queue.push(event);
    wake();
  });
  ended.addEventListener('abort', () => wake(), { once: true });
  try {
    for (;;) {
      for (const event of queue.splice(0)) await stream.json(event);
      if (ended.aborted) return undefined;
      if (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
  } catch {
    return undefined; // the client went away
  } finally {
    unsubscribe();
  }
}

/** Node's timers go no further than 2^31 milliseconds; whoever waits longer waits again. */
function untilSignal(until: Moment): AbortSignal {
  const ms = until.seconds * 1000 + until.nanoseconds / 1e6 - Date.now();
  return AbortSignal.timeout(Math.max(0, Math.min(Math.ceil(ms), 2 ** 31 - 1)));
}

export function eventRoutes(log: EventLog): readonly Route[] {
  return [{ method: 'GET', path: '/events', handle: (call) => events(log, call) }];
}
