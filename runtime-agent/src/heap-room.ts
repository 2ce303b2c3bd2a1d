/**
 * Room for buffers. V8 counts what streams through the engine as heap, and as long as the heap itself is small it collects all of
 * it again for every 12 MB: a third of the processor time of a pull. Here it waits for 40 MB.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

const ROOM = 40 * 1024 * 1024;
/** Of the heap that is left after a collection, in percent: what comes until the next one may be alive, and counts again then. */
const MOST = 300;
/** Below that V8's own measure is the larger one. */
const LEAST = 100;

/** @returns the growth until the next collection in percent; 0 leaves it to V8 */
export function growthFor(heapBytes: number): number {
  const percent = Math.round((100 * ROOM) / heapBytes);
  return percent < LEAST ? 0 : Math.min(percent, MOST);
}

const tellV8 = (percent: number): void => setFlagsFromString(`--heap-growing-percent=${percent}`);

const heapBytes = (): number => getHeapStatistics().used_heap_size;

/** From now on, until it is disposed. */
export function keepHeapRoom(tell: (percent: number) => void = tellV8, measure: () => number = heapBytes): Disposable {
  let told = 0;
  const grow = (percent: number): void => {
    if (percent !== told) tell(percent);
    told = percent;
  };
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries() as { readonly detail?: { readonly kind?: number } }[];
    const major = entries.some(({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR);
    if (major) grow(growthFor(measure()));
  });
  observer.observe({ entryTypes: ['gc'] });
  grow(MOST);
  return {
    [Symbol.dispose]() {
      observer.disconnect();
      grow(0);
    },
  };
}
