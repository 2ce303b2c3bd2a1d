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

test('what V8 is told follows the heap that a collection leaves, until it is disposed', async () => {
  const told: number[] = [];
  let heap = 0;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const until = async (percent: number): Promise<void> => {
    collect();
    for (let i = 0; i < 200 && told.at(-1) !== percent; i++) await sleep(25);
    assert.equal(told.at(-1), percent);
  };
  {
    using _room = keepHeapRoom(
      (percent) => void told.push(percent),
      () => heap,
    );
    assert.deepEqual(told, [300]);
    heap = 41 * MB;
    await until(0);
    heap = 32 * MB;
    await until(125);
  }
  assert.equal(told.at(-1), 0);
});
