/** Messages between a stream that brings them and who takes them one after the other; the stream waits when many are left. */
import type { Readable } from 'node:stream';

export interface MessageQueue<T> extends AsyncIterable<T> {
  add(message: T): void;
  end(): void;
  /** Whoever takes the rest gets the error after it. */
  fail(error: unknown): void;
}

const PAUSE_AT = 4096;

export function messageQueue<T>(stream: Pick<Readable, 'pause' | 'resume' | 'isPaused'>): MessageQueue<T> {
  const held: T[] = [];
  let over: { readonly error?: unknown } | undefined;
  let wake = (): void => {};
  const finish = (how: { readonly error?: unknown }): void => {
    over ??= how;
    wake();
  };
  return {
    add(message) {
      held.push(message);
      if (held.length >= PAUSE_AT) stream.pause();
      wake();
    },
    end: () => finish({}),
    fail: (error) => finish({ error }),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const taken = held.splice(0);
        if (stream.isPaused()) stream.resume();
        for (const one of taken) yield one;
        if (held.length > 0) continue;
        if (over !== undefined) {
          if ('error' in over) throw over.error;
          return;
        }
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
