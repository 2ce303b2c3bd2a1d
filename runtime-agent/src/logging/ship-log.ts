/**
 * Sends a container's log to where its driver says, from the file that conmon writes: a slow or absent log server never
 * holds a container up, and an engine that dies goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { type LogPosition, logEnd, readLog } from '../runtime/log-read.ts';
import { createMessageAssembler, type PlacedMessage } from './log-messages.ts';
import type { LogMessage, LogSink } from './log-sink.ts';
import type { ShippedLog, ShippedPosition } from './shipped-position.ts';

export interface ShipOptions {
  /** Directory of the log. */
  readonly directory: string;
  readonly sink: LogSink;
  readonly position: ShippedPosition;
  /** When the container's log is complete. */
  readonly ended: Promise<unknown>;
  /** Attempts for one delivery before its lines are given up; undefined: until the signal. */
  readonly maxAttempts?: number | undefined;
  readonly signal: AbortSignal;
  /** Told once per outage, and of lines that are given up. */
  readonly warn: (message: string, error: unknown) => void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** Delivers, trying again with growing pauses. */
async function deliver(options: ShipOptions, messages: readonly LogMessage[]): Promise<void> {
  const { sink, signal, warn, maxAttempts = Infinity } = options;
  let wait = FIRST_WAIT_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await sink.send(messages, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // What the format cannot carry, no second attempt will.
      if (attempt >= maxAttempts || (error instanceof EngineError && error.code === 'invalid')) {
        return warn(`${messages.length} lines are not sent`, error);
      }
      if (attempt === 1) warn('sending fails, and is tried again', error);
    }
    await sleep(wait, undefined, { signal, ref: false });
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

/** Lines that an earlier engine has sent already, because a line of the other stream was open then. */
function createSkip(last: ShippedLog | undefined): (message: LogMessage, end: LogPosition) => boolean {
  const waiting = new Map(
    last === undefined ? [] : [['stdout', last.stdout] as const, ['stderr', last.stderr] as const],
  );
  return ({ stream }, end) => {
    const sent = waiting.get(stream);
    if (sent === undefined) return false;
    if (end.inode === sent.inode && end.offset > sent.offset) waiting.delete(stream);
    return waiting.has(stream);
  };
}

/** Resolves when the log is complete and all of it sent; rejects when the signal aborts. */
export async function shipLog(options: ShipOptions): Promise<void> {
  const { directory, sink, position, ended, signal } = options;
  const { last } = position;
  const resumed = last?.complete ? undefined : last;
  const from = last?.complete ? await logEnd(directory) : last?.from;
  let skip = createSkip(resumed);
  let begun = false;
  const assembler = createMessageAssembler();
  let place: LogPosition = { inode: 0, offset: 0 };
  let waiting: PlacedMessage[] = [];
  const flush = async (): Promise<void> => {
    const progress = waiting.at(-1)?.progress;
    if (progress === undefined) return;
    const messages = waiting.map(({ message }) => message);
    waiting = [];
    await deliver(options, messages);
    position.save({ ...progress, complete: false });
  };
  const onChunk = (at: LogPosition): void => void (place = at);
  for await (const lines of readLog(directory, { from, ended, signal, onChunk })) {
    // The file where it went on is gone: what there is begins after it.
    if (!begun && place.inode !== from?.inode) skip = createSkip(undefined);
    begun = true;
    for (const placed of assembler.push(lines, place)) {
      if (skip(placed.message, placed.progress[placed.message.stream])) continue;
      waiting.push(placed);
      if (waiting.length >= sink.batch) await flush();
    }
    await flush();
  }
  signal.throwIfAborted();
  const rest = assembler.finish();
  if (rest.length > 0) await deliver(options, rest);
  const end = (await logEnd(directory)) ?? place;
  position.save({ from: end, stdout: end, stderr: end, complete: true });
}
