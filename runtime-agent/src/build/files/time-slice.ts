import { setImmediate } from 'node:timers/promises';

const SLICE = 8; // milliseconds of file work before other requests get a turn

/** For loops over many files done with synchronous calls (they are several times as fast): await it in each round. */
export function createTimeSlice(signal: AbortSignal): () => Promise<void> | undefined {
  let end = performance.now() + SLICE;
  return () => {
    if (performance.now() < end) return undefined;
    return setImmediate().then(() => {
      signal.throwIfAborted();
      end = performance.now() + SLICE;
    });
  };
}
