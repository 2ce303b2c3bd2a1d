import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatches } from './batches.ts';

test('what comes while one runs goes together in the next', async () => {
  const runs: (readonly string[])[] = [];
  const batches = createBatches<string>(async (items) => {
    runs.push(items);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await Promise.all(['a', 'b', 'c'].map((item) => batches.add(item)));
  await batches.add('d');
  assert.deepEqual(runs, [['a'], ['b', 'c'], ['d']]);
});

test('a failure reaches its own author only', async () => {
  const batches = createBatches<string>(async (items) => {
    if (items.includes('bad')) throw new Error('bad one');
  });
  const results = await Promise.allSettled(['a', 'bad', 'c'].map((item) => batches.add(item)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});
