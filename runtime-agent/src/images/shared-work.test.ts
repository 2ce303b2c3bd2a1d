import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProgressMessage } from '#model/engine-api/progress.ts';
import { createSharedWork } from './shared-work.ts';

test('those who join at the same time get one result and all messages', async () => {
  const shared = createSharedWork<number>();
  let started = 0;
  const heard: string[] = [];
  const waiter = (name: string) => ({
    progress: ({ status }: ProgressMessage) => void heard.push(`${name} ${status}`),
  });
  const start = async (tell: (message: ProgressMessage) => void): Promise<number> => {
    started++;
    await sleep(5);
    tell({ status: 'half' });
    return 7;
  };
  assert.deepEqual(await Promise.all(['a', 'b'].map((name) => shared.join('k', waiter(name), start))), [7, 7]);
  assert.deepEqual([started, heard], [1, ['a half', 'b half']]);
  await shared.join('k', {}, start);
  assert.equal(started, 2, 'what is over is not shared');
});

test('a failure reaches everyone, and the next one may try again', async () => {
  const shared = createSharedWork<string>();
  const fail = () => Promise.reject(new Error('no'));
  const results = await Promise.allSettled([shared.join('k', {}, fail), shared.join('k', {}, fail)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await shared.join('k', {}, async () => 'yes'), 'yes');
});

test('the work goes on while one still wants it, and is aborted when the last has left', async () => {
  const shared = createSharedWork<string>();
  const [first, second] = [new AbortController(), new AbortController()];
  let aborted = false;
  const cleaned = Promise.withResolvers<void>();
  const start = (_tell: unknown, signal: AbortSignal): Promise<string> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        void cleaned.promise.then(() => reject(new Error('stopped')));
      });
    });
  const one = shared.join('k', { signal: first.signal }, start);
  const two = shared.join('k', { signal: second.signal }, start);
  first.abort();
  await assert.rejects(one, { code: 'cancelled' });
  assert.equal(aborted, false);
  second.abort();
  assert.equal(aborted, true);
  let settled = false;
  const left = two.catch(() => (settled = true));
  const begun: string[] = [];
  const again = shared.join('k', {}, async () => {
    begun.push('again');
    return 'new';
  });
  await sleep(5);
  assert.deepEqual([settled, begun], [false, []], 'the last waiter and the next work wait for the cleaning up');
  cleaned.resolve();
  await left;
  assert.equal(await again, 'new');
});

test('who has given up already starts nothing', async () => {
  const shared = createSharedWork<string>();
  const never = () => assert.fail('started');
  await assert.rejects(shared.join('k', { signal: AbortSignal.abort() }, never), { code: 'cancelled' });
});
