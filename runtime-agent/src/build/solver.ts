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
   * Identities of the outcome: equal identity, equal outcome. The cheapest to compute first; a later one is only asked for
   * when those before it found nothing.
   */
  readonly keys: readonly StepKey<R>[];
  run(inputs: readonly R[], signal: AbortSignal): Promise<O>;
  /** Running it does not look into what the inputs stand for: they may be elsewhere. */
  readonly isBlind?: boolean;
  /** Undefined when a remembered outcome is no longer usable, because what it points to has been deleted. */
  result(inputs: readonly R[], outcome: O): R | undefined;
  /** Of a result that may stand for what is elsewhere. */
  readonly elsewhere?: Elsewhere<R>;
}

export interface StepKey<R> {
  /** Looks into what the inputs stand for: it has to be here. */
  readonly reads?: boolean;
  of(inputs: readonly R[]): string | Promise<string>;
}

export interface Elsewhere<R> {
  isHere(result: R): boolean;
  /** False when it cannot be had: the step is done then. */
  fetch(result: R, signal: AbortSignal): Promise<boolean>;
}

export interface OutcomeCache<O> {
  find(key: string): O | undefined;
  store(keys: readonly string[], outcome: O): void;
}

export type SolveEvent<R, O> =
  | { readonly step: string; readonly state: 'running' }
  | {
      readonly step: string;
      readonly state: 'done';
      readonly cached: boolean;
      readonly result: R;
      readonly outcome: O;
      /** Those that were computed. */
      readonly keys: readonly string[];
    };

export interface SolveOptions<R, O> {
  readonly cache: OutcomeCache<O>;
  /** Do everything again; what comes of it is remembered all the same. */
  readonly ignoreCache?: boolean;
  /** Of remembered steps too all identities are computed, to be handed on: it takes longer. */
  readonly everyKey?: boolean;
  /** Steps that run at the same time, at most. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** A step whose result is elsewhere is told of when it is here, or at the end if nothing needed it. */
  readonly observe?: (event: SolveEvent<R, O>) => void;
}

/**
 * Gives the target's result, and has it here. The first step that fails stops all others; the promise rejects with its
 * error when they have ended, so that nothing of them is left running.
 */
export async function solve<R, O>(
  steps: readonly GraphStep<R, O>[],
  target: string,
  options: SolveOptions<R, O>,
): Promise<R> {
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const pending = new Set<Promise<unknown>>();
  const told = new Map<string, SolveEvent<R, O>>();
  const once = (known: Map<string, Promise<R>>, id: string, work: () => Promise<R>): Promise<R> => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const result = work();
    known.set(id, result);
    pending.add(result);
    result.catch((error: unknown) => failure.abort(error));
    return result;
  };
  const byId = new Map(steps.map((step) => [step.id, step]));
  const stepOf = (id: string): GraphStep<R, O> => {
    const step = byId.get(id);
    if (step === undefined) throw new Error(`the graph has no step ${id}`);
    return step;
  };
  const [known, here] = [new Map<string, Promise<R>>(), new Map<string, Promise<R>>()];
  // All inputs are asked for before the first is awaited: they run side by side.
  const need = (id: string): Promise<R> =>
    once(known, id, () =>
      Promise.all(stepOf(id).inputs.map(need)).then((ready) => solveStep(stepOf(id), ready, scope)),
    );
  const have = (id: string): Promise<R> =>
    once(here, id, async () => {
      const step = stepOf(id);
      const result = await need(id);
      if (step.elsewhere === undefined || step.elsewhere.isHere(result)) return result;
      const fetched = await step.elsewhere.fetch(result, signal);
      const held = told.get(id);
      told.delete(id);
      if (!fetched) {
        const inputs = await Promise.all(step.inputs.map(have));
        return doStep(step, inputs, await keysOf(step, inputs), scope);
      }
      if (held !== undefined) options.observe?.(held);
      return result;
    });
  const scope: Scope<R, O> = { ...options, signal, slots: createSlots(options.parallel), told, have };

  const wanted = have(target);
  for (const work of pending) await Promise.allSettled([work]); // a set's iterator goes on to what is added meanwhile
  if (failure.signal.aborted && !options.signal.aborted) throw failure.signal.reason;
  const result = await wanted;
  for (const event of told.values()) options.observe?.(event);
  return result;
}

interface Scope<R, O> extends SolveOptions<R, O> {
  readonly slots: Slots;
  /** What nobody was told of yet. */
  readonly told: Map<string, SolveEvent<R, O>>;
  readonly have: (id: string) => Promise<R>;
}

/** From the cache, if it remembers; else the step is done. */
async function solveStep<R, O>(step: GraphStep<R, O>, inputs: readonly R[], scope: Scope<R, O>): Promise<R> {
  const { cache, ignoreCache, signal, observe, told, have } = scope;
  signal.throwIfAborted();
  const keys: string[] = [];
  let given = inputs;
  for (const key of step.keys) {
    if (key.reads) given = await Promise.all(step.inputs.map(have));
    keys.push(await key.of(given));
    const outcome = ignoreCache || step.ignoreCache ? undefined : cache.find(keys.at(-1) ?? '');
    const result = outcome === undefined ? undefined : step.result(given, outcome);
    if (outcome === undefined || result === undefined) continue;
    if (keys.length > 1) cache.store(keys, outcome);
    if (scope.everyKey) keys.push(...(await keysOf(step, given, keys.length)));
    const event: SolveEvent<R, O> = { step: step.id, state: 'done', cached: true, result, outcome, keys };
    if (step.elsewhere?.isHere(result) === false) told.set(step.id, event);
    else observe?.(event);
    return result;
  }
  const ready = step.isBlind ? given : await Promise.all(step.inputs.map(have));
  const areSame = ready.every((one, i) => one === given[i]);
  return doStep(step, ready, areSame ? keys : await keysOf(step, ready), scope);
}

/** From the key `from` on; those that read what is not here are left out. */
async function keysOf<R, O>(step: GraphStep<R, O>, inputs: readonly R[], from = 0): Promise<string[]> {
  const isHere = inputs.every((input) => step.elsewhere?.isHere(input) !== false);
  const keys: string[] = [];
  for (const key of step.keys.slice(from)) if (isHere || !key.reads) keys.push(await key.of(inputs));
  return keys;
}

/** @param inputs which are here */
async function doStep<R, O>(
  step: GraphStep<R, O>,
  inputs: readonly R[],
  keys: readonly string[],
  { cache, signal, observe, slots }: Scope<R, O>,
): Promise<R> {
  await slots.take();
  try {
    signal.throwIfAborted();
    observe?.({ step: step.id, state: 'running' });
    const outcome = await step.run(inputs, signal);
    const result = step.result(inputs, outcome);
    if (result === undefined) throw new Error(`step ${step.id} made nothing usable`);
    if (keys.length > 0) cache.store(keys, outcome);
    observe?.({ step: step.id, state: 'done', cached: false, result, outcome, keys });
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
