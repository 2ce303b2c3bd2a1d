/**
 * Garbage collection while layers stream through. V8 counts the bytes of buffers as its heap's, and that of an engine is
 * small: it would mark the whole heap after every 10 MB that pass, which was a quarter of the processor time of a pull.
 */
import { setFlagsFromString } from 'node:v8';

/** The heap with its buffers may become this much larger than what a collection left: by about 45 MB in an engine. */
const GROWTH_PERCENT = 400;
/** Leaves it to V8. */
const DEFAULT_PERCENT = 0;

/** @param setFlag V8's, which reads the setting at each collection */
export function createBulkMemory(setFlag: (flag: string) => void): () => Disposable {
  const grow = (percent: number): void => setFlag(`--heap-growing-percent=${percent}`);
  const streams = new Set<symbol>();
  return () => {
    const stream = Symbol('stream');
    if (streams.add(stream).size === 1) grow(GROWTH_PERCENT);
    return {
      [Symbol.dispose]() {
        if (streams.delete(stream) && streams.size === 0) grow(DEFAULT_PERCENT);
      },
    };
  };
}

/** Has the process collect less often until all that were given out are disposed of. */
export const collectLessOften = createBulkMemory(setFlagsFromString);
