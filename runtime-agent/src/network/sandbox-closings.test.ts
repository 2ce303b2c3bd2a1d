import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClosings } from './sandbox-closings.ts';

test('work that fails while a sandbox is being taken apart is tried again when it is gone', async () => {
  const closings = createClosings(() => {});
  const gone = Promise.withResolvers<void>();
  let held = true;
  closings.add('a', gone.promise);
  const take = (): string => {
    if (held) throw new Error('address in use');
    return 'address';
  };
  const taken = closings.afterwards(take);
  held = false;
  gone.resolve();
  assert.equal(await taken, 'address');
  held = true;
  await assert.rejects(closings.afterwards(take), /in use/);
});

test('one is waited for by its container, all by the engine; a failure is told, not thrown', async () => {
  const told: string[] = [];
  const closings = createClosings((line) => told.push(line));
  closings.add('a', Promise.reject(new Error('busy')));
  closings.add('b', Promise.resolve());
  await closings.of('a');
  await closings.of('nobody');
  await closings.all();
  assert.deepEqual(told, ['the network of container a could not be removed: busy']);
});
