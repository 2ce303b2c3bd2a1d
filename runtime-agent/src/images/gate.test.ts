import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from './gate.ts';

test('no more than the limit are inside, in the order in which they came', async () => {
  const gate = createGate(2);
  const order: number[] = [];
  let inside = 0;
  let most = 0;
  const visit = async (n: number): Promise<void> => {
    using _place = await gate.enter();
    order.push(n);
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  const all = [1, 2, 3, 4, 5].map(visit);
  assert.equal(gate.full, true);
  await Promise.all(all);
  assert.deepEqual([order, most, gate.full], [[1, 2, 3, 4, 5], 2, false]);
});

test('who gives up waiting takes no place', async () => {
  const gate = createGate(1);
  const first = await gate.enter();
  const controller = new AbortController();
  const second = gate.enter(controller.signal);
  const third = gate.enter();
  controller.abort(new Error('enough'));
  await assert.rejects(second, /enough/);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  assert.equal(gate.full, false);
  assert.throws(() => gate.enter(AbortSignal.abort(new Error('late'))), /late/);
});
