import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { createReadyNamespaces, type ReadyNamespace } from './ready-namespaces.ts';
import type { EndpointState } from './sandbox-state.ts';

function pool(size: number, fail = () => false) {
  const made: string[] = [];
  const discarded: string[] = [];
  const namespaces = createReadyNamespaces({
    size,
    make: async (): Promise<ReadyNamespace> => {
      await sleep(5);
      if (fail()) throw new Error('no room');
      made.push(String(made.length + 1));
      return { netns: String(made.length), endpoint: {} as EndpointState };
    },
    discard: async ({ netns }) => void discarded.push(netns),
  });
  return { namespaces, made, discarded };
}

async function until(reached: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!reached()) {
    assert.ok(Date.now() < deadline, 'not within 10 seconds');
    await sleep(5);
  }
}

test('empty until it is started, then filled to its size and refilled', async () => {
  await using one = pool(2).namespaces;
  assert.equal(await one.take(), undefined);
  const { namespaces, made } = pool(2);
  namespaces.start();
  await until(() => made.length === 2);
  assert.equal((await namespaces.take())?.netns, '1');
  await until(() => made.length === 3);
  await sleep(40);
  assert.equal(made.length, 3, 'no more than its size');
  await namespaces[Symbol.asyncDispose]();
});

test('the one that is being made is waited for, by one only', async () => {
  const { namespaces } = pool(1);
  namespaces.start();
  const [first, second] = await Promise.all([namespaces.take(), namespaces.take()]);
  assert.deepEqual([first?.netns, second], ['1', undefined]);
  await namespaces[Symbol.asyncDispose]();
});

test('what was given back is the next to be taken', async () => {
  const { namespaces } = pool(1);
  namespaces.start();
  const taken = await namespaces.take();
  assert.ok(taken);
  namespaces.giveBack(taken);
  assert.equal((await namespaces.take())?.netns, '1');
  await namespaces[Symbol.asyncDispose]();
});

test('a failure leaves the pool empty; the next take tries again', async () => {
  let broken = true;
  const { namespaces, made } = pool(1, () => broken);
  namespaces.start();
  await sleep(20);
  broken = false;
  assert.equal(await namespaces.take(), undefined);
  await sleep(80);
  assert.equal(made.length, 1);
  await namespaces[Symbol.asyncDispose]();
});

test('disposal throws away all that nobody has, also the one that is being made', async () => {
  const { namespaces, made, discarded } = pool(3);
  namespaces.start();
  await sleep(20);
  const taken = await namespaces.take();
  await namespaces[Symbol.asyncDispose]();
  assert.deepEqual(new Set([...discarded, taken?.netns]), new Set(made));
  assert.equal(discarded.length, made.length - 1);
});
