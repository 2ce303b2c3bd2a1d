import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GraphStep, type OutcomeCache, solve, type SolveEvent } from './solver.ts';

interface Trace {
  readonly ran: string[];
  readonly events: SolveEvent<string, string>[];
}

/** A step whose result is its name with its inputs' results; it takes a turn of the event loop. */
function step(id: string, inputs: readonly string[], trace: Trace, more: Partial<GraphStep<string, string>> = {}) {
  const whole: GraphStep<string, string> = {
    id,
    inputs,
    keys: [{ of: (given) => `${id}:${given.join(',')}` }],
    run: async (given) => {
      trace.ran.push(id);
      await sleep(1);
      return `${id}(${given.join(' ')})`;
    },
    result: (_given, outcome) => outcome,
    ...more,
  };
  return whole;
}

function memory(): OutcomeCache<string> & { readonly map: Map<string, string> } {
  const map = new Map<string, string>();
  return { map, find: (key) => map.get(key), store: (keys, outcome) => keys.forEach((key) => map.set(key, outcome)) };
}

function options(trace: Trace, cache = memory()) {
  const { signal } = new AbortController();
  return { cache, parallel: 4, signal, observe: (event: SolveEvent<string, string>) => void trace.events.push(event) };
}

const newTrace = (): Trace => ({ ran: [], events: [] });

test('does each needed step once, after its inputs, and leaves out the others', async () => {
  const trace = newTrace();
  const steps = [
    step('a', [], trace),
    step('b', ['a'], trace),
    step('c', ['a'], trace),
    step('d', ['b', 'c'], trace),
    step('unused', ['a'], trace),
  ];
  assert.equal(await solve(steps, 'd', options(trace)), 'd(b(a()) c(a()))');
  assert.deepEqual(trace.ran.toSorted(), ['a', 'b', 'c', 'd']);
});

test('runs what does not wait for one another at the same time, within the limit', async () => {
  const trace = newTrace();
  let now = 0;
  let most = 0;
  const busy = {
    run: async () => {
      most = Math.max(most, ++now);
      await sleep(10);
      now--;
      return 'x';
    },
  };
  const leaves = ['1', '2', '3', '4', '5', '6'].map((id) => step(id, [], trace, busy));
  const all = step('all', ['1', '2', '3', '4', '5', '6'], trace);
  await solve([...leaves, all], 'all', { ...options(trace), parallel: 3 });
  assert.equal(most, 3);
});

test('takes from the cache what it remembers, and not when told to ignore it', async () => {
  const cache = memory();
  const first = newTrace();
  await solve([step('a', [], first), step('b', ['a'], first)], 'b', options(first, cache));
  const second = newTrace();
  await solve([step('a', [], second), step('b', ['a'], second)], 'b', options(second, cache));
  assert.deepEqual(second.ran, []);
  assert.deepEqual(
    second.events.map((event) => event.state === 'done' && event.cached),
    [true, true],
  );
  const third = newTrace();
  await solve([step('a', [], third)], 'a', { ...options(third, cache), ignoreCache: true });
  assert.deepEqual(third.ran, ['a']);
});

test('runs again when a remembered outcome is not usable any more', async () => {
  const cache = memory();
  cache.map.set('a:', 'stale');
  const trace = newTrace();
  const usable = { result: (_: unknown, outcome: string) => (outcome === 'stale' ? undefined : outcome) };
  assert.equal(await solve([step('a', [], trace, usable)], 'a', options(trace, cache)), 'a()');
});

test('asks for a dearer key only when the cheaper one found nothing, and remembers both', async () => {
  const cache = memory();
  let asked = 0;
  const keys = (cheap: string) => ({
    keys: [
      { of: () => cheap },
      {
        of: () => {
          asked++;
          return 'content';
        },
      },
    ],
  });
  const trace = newTrace();
  await solve([step('a', [], trace, keys('one'))], 'a', options(trace, cache));
  await solve([step('a', [], trace, keys('one'))], 'a', options(trace, cache));
  assert.equal(asked, 1);
  await solve([step('a', [], trace, keys('two'))], 'a', options(trace, cache));
  assert.equal(asked, 2);
  await solve([step('a', [], trace, keys('two'))], 'a', options(trace, cache));
  assert.equal(asked, 2);
  assert.deepEqual(trace.ran, ['a']);
});

/** Results that begin with `far:` are elsewhere; those in `lost` cannot be had. */
function elsewhere(fetched: string[], lost: readonly string[] = []): Partial<GraphStep<string, string>> {
  const here = new Set<string>();
  return {
    elsewhere: {
      isHere: (result) => !result.startsWith('far:') || here.has(result),
      fetch: async (result) => {
        fetched.push(result);
        if (!lost.includes(result)) here.add(result);
        return here.has(result);
      },
    },
  };
}

test('of results that are elsewhere only what is needed is fetched', async () => {
  const cache = memory();
  cache.store(['a:'], 'far:a');
  cache.store(['b:far:a'], 'far:b');
  const [trace, fetched] = [newTrace(), [] as string[]];
  const far = elsewhere(fetched);
  const steps = [step('a', [], trace, far), step('b', ['a'], trace, far), step('c', ['b'], trace, far)];
  assert.equal(await solve(steps, 'c', options(trace, cache)), 'c(far:b)');
  assert.deepEqual([trace.ran, fetched], [['c'], ['far:b']]);
  const told = trace.events.flatMap((event) => (event.state === 'done' ? [`${event.step} ${event.cached}`] : []));
  assert.deepEqual(told, ['b true', 'c false', 'a true']);
});

test('what is elsewhere and cannot be had is done again, and so are the steps below it', async () => {
  const cache = memory();
  cache.store(['a:'], 'far:a');
  cache.store(['b:far:a'], 'far:b');
  const [trace, fetched] = [newTrace(), [] as string[]];
  const far = elsewhere(fetched, ['far:a', 'far:b']);
  const steps = [step('a', [], trace, far), step('b', ['a'], trace, far), step('c', ['b'], trace, far)];
  assert.equal(await solve(steps, 'c', options(trace, cache)), 'c(b(a()))');
  assert.deepEqual(trace.ran, ['a', 'b', 'c']);
  assert.ok(trace.events.every((event) => event.state === 'running' || !event.cached));
});

test('a step that does not look into its inputs, and a key that does', async () => {
  const cache = memory();
  cache.store(['a:'], 'far:a');
  const [trace, fetched] = [newTrace(), [] as string[]];
  const far = elsewhere(fetched);
  const blind = { ...far, isBlind: true, result: () => 'here' };
  await solve([step('a', [], trace, far), step('b', ['a'], trace, blind)], 'b', options(trace, cache));
  assert.deepEqual(fetched, []);
  cache.store(['content'], 'known');
  const keys = [{ of: () => 'cheap' }, { reads: true, of: () => 'content' }];
  const reader = step('b', ['a'], trace, { ...far, keys });
  assert.equal(await solve([step('a', [], trace, far), reader], 'b', options(trace, cache)), 'known');
  assert.deepEqual(fetched, ['far:a']);
});

test('for handing on, a remembered step tells all its keys', async () => {
  const cache = memory();
  cache.map.set('cheap', 'known');
  const keys = [{ of: () => 'cheap' }, { reads: true, of: () => 'content' }];
  const told = async (everyKey: boolean): Promise<readonly string[]> => {
    const trace = newTrace();
    await solve([step('a', [], trace, { keys })], 'a', { ...options(trace, cache), everyKey });
    return trace.events.flatMap((event) => (event.state === 'done' ? event.keys : []));
  };
  assert.deepEqual(await told(false), ['cheap']);
  assert.deepEqual(await told(true), ['cheap', 'content']);
});

test('the first failure stops the others and is what is thrown, once they have ended', async () => {
  const trace = newTrace();
  let ended = false;
  const slow = step('slow', [], trace, {
    run: async (_inputs, signal) => {
      await sleep(60_000, undefined, { signal }).catch(() => {});
      await sleep(5);
      ended = true;
      throw new Error('stopped');
    },
  });
  const bad = step('bad', [], trace, {
    run: async () => {
      await sleep(5);
      throw new Error('boom');
    },
  });
  await assert.rejects(solve([slow, bad, step('top', ['slow', 'bad'], trace)], 'top', options(trace)), /boom/);
  assert.equal(ended, true);
  assert.deepEqual(trace.ran, []);
});

test('an aborted solve rejects, stores nothing and starts nothing more', async () => {
  const trace = newTrace();
  const cache = memory();
  const controller = new AbortController();
  const first = step('first', [], trace, {
    run: async (_inputs, signal) => {
      controller.abort();
      signal.throwIfAborted();
      return 'never';
    },
  });
  const graph = [first, step('second', ['first'], trace)];
  await assert.rejects(solve(graph, 'second', { ...options(trace, cache), signal: controller.signal }), {
    name: 'AbortError',
  });
  assert.deepEqual(trace.ran, []);
  assert.equal(cache.map.size, 0);
});

test('any graph: every step after its inputs, once; a second solve runs nothing', async () => {
  const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 1, max: 4 }), async (shape, parallel) => {
      const trace = newTrace();
      const done = new Set<string>();
      const steps = shape.map((wants, i) => {
        const inputs = [...new Set(i === 0 ? [] : wants.map((want) => String(want % i)))];
        return step(String(i), inputs, trace, {
          run: async () => {
            assert.ok(inputs.every((input) => done.has(input)));
            await sleep(0);
            trace.ran.push(String(i));
            done.add(String(i));
            return String(i);
          },
        });
      });
      const cache = memory();
      const target = String(shape.length - 1);
      await solve(steps, target, { ...options(trace, cache), parallel });
      assert.equal(new Set(trace.ran).size, trace.ran.length);
      const before = trace.ran.length;
      await solve(steps, target, { ...options(trace, cache), parallel });
      assert.equal(trace.ran.length, before);
    }),
    { numRuns: 40 },
  );
});
