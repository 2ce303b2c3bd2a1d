/** What the engine does when it has nothing to do: it becomes small. */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Milliseconds without a call before the engine looks whether it rests. */
const PAUSE = 1000;
/** Share of that time in which it may have been at work. */
const RESTING = 0.05;

type Collector = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/** Gives memory back: V8 does that by itself only when it needs room. */
export function shrinkHeap(): void {
  setFlagsFromString('--expose-gc'); // for the one context that is made next, not for the engine's
  const collect = runInNewContext('gc') as Collector;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** @returns to be called at each call of the API; some time after the last one, once the engine rests, `shrink` is done */
export function atRest(shrink: () => void, pause = PAUSE): () => void {
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    if (utilization > RESTING) timer.refresh();
    else shrink();
  };
  const timer = setTimeout(look, pause).unref();
  return () => {
    before = performance.eventLoopUtilization();
    timer.refresh();
  };
}
