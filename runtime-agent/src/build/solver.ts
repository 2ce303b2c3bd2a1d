/**
 * Solves a graph of steps: every step that the target needs is done once, steps that do not wait for one another are done
 * at the same time, and what the cache remembers is not done at all. It knows nothing of Dockerfiles, images or files.
 */

/** `R` is what a step gives to those that need it, `O` what it takes to make `R` again from the step's inputs. */
export interface GraphStep<R, O> {
  readonly id: string;
  readonly inputs: readonly string[];
  /** Done anew, whatever the cache remembers. */
  readonly ignoreCache?: boolean;
  /**
   * Identities of the outcome, given the inputs: equal identity, equal outcome. The cheapest to compute first; a later one
   * is only asked for when those before it found nothing.
   */
  keys(inputs: readonly R[]): readonly (() => string | Promise<string>)[];
  run(inputs: readonly R[], signal: AbortSignal): Promise<O>;
  /** Undefined when a remembered outcome is no longer usable, because what it points to has been deleted. */
  result(inputs: readonly R[], outcome: O): R | undefined;
}

export interface OutcomeCache<O> {
  find(key: string): O | undefined;
  store(keys: readonly string[], outcome: O): void;
}

export type SolveEvent<R> =
  | { readonly step: string; readonly state: 'running' }
  | { readonly step: string; readonly state: 'done'; readonly cached: boolean; readonly result: R };

export interface SolveOptions<R, O> {
  readonly cache: OutcomeCache<O>;
  /** Do everything again; what comes of it is remembered all the same. */
  readonly ignoreCache?: boolean;
  /** Steps that run at the same time, at most. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  readonly observe?: (event: SolveEvent<R>) => void;
}

/**
 * Gives the target's result. The first step that fails stops all others; the promise rejects with its error when they
 * have ended, so that nothing of them is left running.
 */
export async function solve<R, O>(
  steps: readonly GraphStep<R, O>[],
  target: string,
  options: SolveOptions<R, O>,
): Promise<R> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const results = new Map<string, Promise<R>>();
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const slots = createSlots(options.parallel);

  const need = (id: string): Promise<R> => {
    const known = results.get(id);
    if (known !== undefined) return known;
    const step = byId.get(id);
    if (step === undefined) throw new Error(`the graph has no step ${id}`);
    const inputs = step.inputs.map(need); // all of them before the first is awaited: they run side by side
    const result = Promise.all(inputs).then((ready) => solveStep(step, ready, { ...options, signal }, slots));
    results.set(id, result);
    result.catch((error: unknown) => failure.abort(error));
    return result;
  };

  const wanted = need(target);
  await Promise.allSettled(results.values());
  if (failure.signal.aborted && !options.signal.aborted) throw failure.signal.reason;
  return wanted;
}

async function solveStep<R, O>(
  step: GraphStep<R, O>,
  inputs: readonly R[],
  { cache, ignoreCache, signal, observe }: SolveOptions<R, O>,
  slots: Slots,
): Promise<R> {
  signal.throwIfAborted();
  const keys: string[] = [];
  for (const keyOf of step.keys(inputs)) {
    const key = await keyOf();
    keys.push(key);
    const outcome = ignoreCache || step.ignoreCache ? undefined : cache.find(key);
    const result = outcome === undefined ? undefined : step.result(inputs, outcome);
    if (outcome === undefined || result === undefined) continue;
    if (keys.length > 1) cache.store(keys, outcome);
    observe?.({ step: step.id, state: 'done', cached: true, result });
    return result;
  }
  await slots.take();
  try {
    signal.throwIfAborted();
    observe?.({ step: step.id, state: 'running' });
    const outcome = await step.run(inputs, signal);
    const result = step.result(inputs, outcome);
    if (result === undefined) throw new Error(`step ${step.id} made nothing usable`);
    if (keys.length > 0) cache.store(keys, outcome);
    observe?.({ step: step.id, state: 'done', cached: false, result });
    return result;
  } finally {
    slots.give();
  }
}

interface Slots {
  take(): Promise<void>;
  give(): void;
}

function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give() {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
