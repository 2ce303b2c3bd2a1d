import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { growthFor, keepHeapRoom } from './heap-room.ts';

const MB = 1024 * 1024;

test('40 MB of room, three times the heap at most, and V8 decides about large heaps', () => {
  assert.deepEqual(
    [1, 10, 20, 32, 40, 41, 200].map((megabytes) => growthFor(megabytes * MB)),
    [300, 300, 200, 125, 100, 0, 0],
  );
});

test('what V8 is told follows the heap, until it is disposed', async () => {
  const told: number[] = [];
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  /** After a collection V8 is told something that passes the check. */
  const settled = async (check: (percent: number) => boolean): Promise<void> => {
    const before = told.length;
    collect();
    for (let i = 0; i < 200 && !told.slice(before).some(check); i++) await sleep(25);
    assert.ok(told.slice(before).some(check), `told ${told.join()}`);
  };
  {
    using _room = keepHeapRoom((percent) => void told.push(percent));
    assert.deepEqual(told, [300]);
    const live = Array.from({ length: 1_500_000 }, (_, i) => ({ i }));
    await settled((percent) => percent === 0);
    assert.equal(live.splice(0).length, 1_500_000);
    await settled((percent) => percent > 0);
  }
  assert.equal(told.at(-1), 0);
});
