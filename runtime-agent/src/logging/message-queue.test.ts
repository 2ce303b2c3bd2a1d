import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlacedMessage } from './log-messages.ts';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';

const at = { inode: 1, offset: 0 };
const placed = (text: string): PlacedMessage => ({
  message: { stream: 'stdout', seconds: 0, nanoseconds: 0, line: Buffer.from(text) },
  progress: { from: at, stdout: at, stderr: at },
});
const lines = async (queue: MessageQueue, most = 10): Promise<string[]> =>
  (await queue.take(most)).map(({ message }) => String(message.line));

test('without a buffer the reader waits for room', async () => {
  const queue = createMessageQueue(undefined, 2);
  await queue.push(placed('a'));
  await queue.push(placed('b'));
  queue.stall(true);
  let pushed = false;
  const third = queue.push(placed('c')).then(() => (pushed = true));
  await new Promise(setImmediate);
  assert.equal(pushed, false);
  assert.deepEqual(await lines(queue, 1), ['a']);
  await third;
  assert.deepEqual(await lines(queue), ['b', 'c']);
  assert.equal(queue.stall(false), 0);
});

test('a full buffer drops while nothing is taken, and waits otherwise', async () => {
  for (const buffer of [
    { events: 2, bytes: Infinity },
    { events: Infinity, bytes: 5 },
  ]) {
    const queue = createMessageQueue(buffer, 1);
    queue.stall(true);
    for (const text of ['abc', 'de', 'f', 'g']) await queue.push(placed(text));
    assert.equal(queue.stall(false), 2);
    const late = queue.push(placed('late'));
    assert.deepEqual(await lines(queue), ['abc', 'de']);
    await late;
    assert.deepEqual(await lines(queue), ['late']);
  }
});

test('a message larger than the buffer is taken when it is alone; the end wakes both sides', async () => {
  const queue = createMessageQueue({ events: Infinity, bytes: 2 }, 1);
  queue.stall(true);
  await queue.push(placed('larger'));
  assert.deepEqual(await lines(queue), ['larger']);
  const waiting = lines(queue);
  queue.end();
  assert.deepEqual(await waiting, []);
});
