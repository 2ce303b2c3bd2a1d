import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createNamedLocks } from './named-locks.ts';

const { signal } = new AbortController();

test('one at a time for a name, any number for different ones', async () => {
  const locks = createNamedLocks();
  const first = await locks.take('a', signal);
  (await locks.take('b', signal))();
  let got = false;
  const second = locks.take('a', signal).then((release) => {
    got = true;
    return release;
  });
  await sleep(1);
  assert.equal(got, false);
  first();
  (await second)();
  (await locks.take('a', signal))();
});

test('who waits can give up, and is not in the way then', async () => {
  const locks = createNamedLocks();
  const release = await locks.take('a', signal);
  const controller = new AbortController();
  const waiting = locks.take('a', controller.signal);
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(locks.take('a', AbortSignal.abort()), { name: 'AbortError' });
  release();
  (await locks.take('a', signal))();
});

test('any number of takers: never two at once, and all get their turn', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 }), async (names) => {
      const locks = createNamedLocks();
      const inside = new Map<string, number>();
      let turns = 0;
      const turn = async (name: string): Promise<void> => {
        const release = await locks.take(name, signal);
        inside.set(name, (inside.get(name) ?? 0) + 1);
        assert.equal(inside.get(name), 1);
        await sleep(0);
        inside.set(name, 0);
        turns++;
        release();
      };
      await Promise.all(names.map(turn));
      assert.equal(turns, names.length);
    }),
    { numRuns: 20 },
  );
});
