/** A registry that has no time now is asked again, when it says so (RFC 9110 section 10.2.3) or ever more slowly. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { RegistryRequest, Transport } from './transport.ts';

export interface Patience {
  /** Milliseconds before the second attempt, the third, and so on. */
  readonly delaysMs: readonly number[];
  /** What a registry may ask for at most; longer ones are refusals. */
  readonly longestMs: number;
}

export const PATIENT: Patience = { delaysMs: [500, 1000, 2000, 4000], longestMs: 30_000 };
/** For mirrors: another endpoint is asked instead. */
export const IMPATIENT: Patience = { delaysMs: [], longestMs: 0 };

const WORTH_WAITING = [429, 502, 503, 504];

/** Like transport.send; a body that is a stream is sent once. */
export async function sendPatiently(
  transport: Transport,
  request: RegistryRequest,
  patience: Patience,
): Promise<IncomingMessage> {
  const { body, signal } = request;
  const canRepeat = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  for (let attempt = 0; ; attempt++) {
    const response = await transport.send(request);
    const delay = canRepeat ? delayOf(response, attempt, patience) : undefined;
    if (delay === undefined) return response;
    response.resume();
    await sleep(delay, undefined, signal === undefined ? {} : { signal }).catch((cause: unknown) => {
      throw new EngineError('cancelled', 'context canceled', { cause });
    });
  }
}

function delayOf(
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
  attempt: number,
  { delaysMs, longestMs }: Patience,
): number | undefined {
  const own = delaysMs[attempt];
  if (own === undefined || !WORTH_WAITING.includes(statusCode)) return undefined;
  const asked = retryAfterMs(headers['retry-after'], Date.now());
  if (asked === undefined) return own;
  return asked > longestMs ? undefined : asked;
}

/** Seconds, or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const time = /^\s*[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}
