import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSubnetLock } from './subnet-lock.ts';

test('one at a time, also after a failure', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await sleep(5);
    inside--;
  };
  await Promise.all([withSubnetLock(work), withSubnetLock(work), withSubnetLock(work)]);
  assert.equal(most, 1);
  await assert.rejects(
    withSubnetLock(() => Promise.reject(new Error('no'))),
    /^Error: no$/,
  );
  assert.equal(await withSubnetLock(() => Promise.resolve(7)), 7);
});
