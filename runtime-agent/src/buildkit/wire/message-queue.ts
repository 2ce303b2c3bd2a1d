/** Messages between a stream that brings them and who takes them one after the other; the stream waits when many are left. */
import type { Readable } from 'node:stream';

export interface MessageQueue<T> extends AsyncIterable<T> {
  /** Those that are there, at once: cheaper when there are thousands. */
  readonly batches: AsyncIterable<readonly T[]>;
  add(message: T): void;
  end(): void;
  /** Whoever takes the rest gets the error after it. */
  fail(error: unknown): void;
}

const PAUSE_AT = 4096;

export function messageQueue<T>(stream: Pick<Readable, 'pause' | 'resume' | 'isPaused'>): MessageQueue<T> {
  let held: T[] = [];
  let over: { readonly error?: unknown } | undefined;
  let wake = (): void => {};
  const finish = (how: { readonly error?: unknown }): void => {
    over ??= how;
    wake();
  };
  const batches = async function* (): AsyncGenerator<readonly T[]> {
    for (;;) {
      const taken = held;
      held = [];
      if (stream.isPaused()) stream.resume();
      if (taken.length > 0) yield taken;
      if (held.length > 0) continue;
      if (over !== undefined) {
        if ('error' in over) throw over.error;
        return;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    add(message) {
      held.push(message);
      if (held.length >= PAUSE_AT) stream.pause();
      wake();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    batches: { [Symbol.asyncIterator]: batches },
    async *[Symbol.asyncIterator]() {
      for await (const batch of { [Symbol.asyncIterator]: batches }) yield* batch;
    },
  };
}
