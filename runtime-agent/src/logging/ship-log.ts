/**
 * Sends a container's log to where its driver says, from the file that conmon writes: a slow or absent log server never
 * holds a container up, and an engine that dies goes on where it was.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { type LogPosition, logEnd, readLog } from '../runtime/log-read.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import { createMessageAssembler } from './log-messages.ts';
import type { LogMessage, LogSink } from './log-sink.ts';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';
import type { ShippedLog, ShippedPosition } from './shipped-position.ts';

/** A message that is given up, a log that cannot be read, a line that is sent in parts. */
export type LogTrouble = 'unwritten' | 'unread' | 'long';

export interface ShipOptions {
  /** Directory of the log. */
  readonly directory: string;
  readonly sink: LogSink;
  readonly position: ShippedPosition;
  /** When the container's log is complete. */
  readonly ended: Promise<unknown>;
  readonly policy: DeliveryPolicy;
  readonly signal: AbortSignal;
  /** Told once per outage, and of lines that are given up or dropped. */
  readonly warn: (message: string, error: unknown) => void;
  readonly onTrouble: (trouble: LogTrouble, times: number) => void;
}

/** A delivery that takes longer counts as an outage. */
const STALLED_MS = 1000;

/** Delivers, trying again with the policy's pauses. */
async function deliver(options: ShipOptions, messages: readonly LogMessage[], queue: MessageQueue): Promise<void> {
  const { sink, signal, warn, policy, onTrouble } = options;
  const timer = setTimeout(() => queue.stall(true), STALLED_MS);
  timer.unref();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await sink.send(messages, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        // What the format cannot carry, no second attempt will.
        if (attempt >= policy.attempts || (error instanceof EngineError && error.code === 'invalid')) {
          onTrouble('unwritten', messages.length);
          return warn(`${messages.length} lines are not sent`, error);
        }
        if (attempt === 1) warn('sending fails, and is tried again', error);
        queue.stall(true);
      }
      await sleep(policy.waitMs(attempt), undefined, { signal, ref: false });
    }
  } finally {
    clearTimeout(timer);
    const dropped = queue.stall(false);
    if (dropped > 0) {
      onTrouble('unwritten', dropped);
      warn(`${dropped} lines are dropped`, new EngineError('unavailable', 'the buffer was full'));
    }
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

/** Reads the log into the queue. @returns where it ended, and what was printed without a newline at the end */
async function readInto(queue: MessageQueue, options: ShipOptions) {
  const { directory, position, ended, signal, onTrouble } = options;
  const { last } = position;
  const from = last?.complete ? await logEnd(directory) : last?.from;
  let skip = createSkip(last?.complete ? undefined : last);
  let begun = false;
  const assembler = createMessageAssembler();
  let place: LogPosition = { inode: 0, offset: 0 };
  const onChunk = (at: LogPosition): void => void (place = at);
  for await (const lines of readLog(directory, { from, ended, signal, onChunk })) {
    // The file where it went on is gone: what there is begins after it.
    if (!begun && place.inode !== from?.inode) skip = createSkip(undefined);
    begun = true;
    for (const placed of assembler.push(lines, place)) {
      if (placed.message.partial?.ordinal === 1) onTrouble('long', 1);
      if (!skip(placed.message, placed.progress[placed.message.stream])) await queue.push(placed);
    }
  }
  return { rest: assembler.finish(), place };
}

/** Resolves when the log is complete and all of it sent; rejects when the signal aborts. */
export async function shipLog(options: ShipOptions): Promise<void> {
  const { directory, sink, position, signal, policy, onTrouble } = options;
  const queue = createMessageQueue(policy.buffer, sink.batch);
  const end = (): void => queue.end();
  signal.addEventListener('abort', end, { once: true });
  const reading = readInto(queue, options).finally(end);
  reading.catch(() => signal.aborted || onTrouble('unread', 1));
  try {
    for (;;) {
      const taken = await queue.take(sink.batch);
      const progress = taken.at(-1)?.progress;
      if (progress === undefined) break;
      signal.throwIfAborted();
      await deliver(
        options,
        taken.map(({ message }) => message),
        queue,
      );
      position.save({ ...progress, complete: false });
    }
    const { rest, place } = await reading;
    signal.throwIfAborted();
    if (rest.length > 0) await deliver(options, rest, queue);
    const at = (await logEnd(directory)) ?? place;
    position.save({ from: at, stdout: at, stderr: at, complete: true });
  } finally {
    signal.removeEventListener('abort', end);
    queue.end();
    await reading.catch(() => {});
  }
}
