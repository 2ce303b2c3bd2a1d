import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import { sampleRecord } from './record.sample.ts';
import { openContainerStore } from './store.ts';

const one = sampleRecord({}, { id: 'ab'.padEnd(64, '1'), name: 'one', created: '2026-01-02T00:00:00Z' });
const two = sampleRecord({}, { id: 'ab'.padEnd(64, '2'), name: 'ab', created: '2026-01-01T00:00:00Z' });

test('found by id, name and unambiguous prefix, in this order', () => {
  const store = openContainerStore(openDatabase(':memory:'));
  store.add(one);
  store.add(two);
  assert.equal(store.find(one.id).id, one.id);
  assert.equal(store.find('one').id, one.id);
  assert.equal(store.find('/one').id, one.id);
  assert.equal(store.find('ab').id, two.id, 'a name wins over a prefix');
  assert.equal(store.find('ab1').id, one.id);
  assert.throws(() => store.find('zz'), { code: 'not-found', message: 'No such container: zz' });
  assert.throws(() => store.find(''), { code: 'invalid' });
  store.delete(store.find('ab'));
  store.add({ ...two, name: 'two' });
  assert.throws(() => store.find('ab'), { code: 'invalid', message: 'multiple IDs found with provided prefix: ab' });
});

test('names are taken from the moment they are reserved', () => {
  const store = openContainerStore(openDatabase(':memory:'));
  store.reserve('one', one.id);
  assert.throws(() => store.reserve('one', two.id), {
    code: 'conflict',
    message: `Conflict. The container name "/one" is already in use by container "${one.id}". You have to remove (or rename) that container to be able to reuse that name.`,
  });
  store.release('one');
  store.reserve('one', two.id);
  assert.equal(store.nameTaken('one'), true);
});

test('what was saved is there again after a restart, oldest first', () => {
  const database = openDatabase(':memory:');
  const before = openContainerStore(database);
  before.add(one);
  const container = before.add(two);
  before.save(container, { state: { ...two.state, status: 'exited', exitCode: 7 } });
  before.delete(before.add(sampleRecord({}, { id: 'c'.repeat(64), name: 'gone' })));
  const after = openContainerStore(database);
  assert.deepEqual(
    after.all().map(({ record }) => [record.name, record.state.exitCode]),
    [
      ['ab', 7],
      ['one', 0],
    ],
  );
  assert.throws(() => after.reserve('one', 'x'), { code: 'conflict' });
});
