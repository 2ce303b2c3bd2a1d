import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from './database.ts';

interface Item {
  readonly value: number;
}

test('what was read or written last is the same document, and says what is stored', () => {
  using database = openDatabase(':memory:');
  const stored = database.collection<Item>('items');
  const recent = database.collection<Item>('items', 2);
  stored.put('a', { value: 1 });
  assert.deepEqual(recent.get('a'), { value: 1 });
  assert.equal(recent.get('a'), recent.get('a'));
  recent.put('a', { value: 2 });
  assert.deepEqual([recent.get('a'), stored.get('a')], [{ value: 2 }, { value: 2 }]);
  assert.deepEqual([recent.delete('a'), recent.delete('a')], [true, false]);
  assert.deepEqual([recent.get('a'), stored.get('a'), recent.all()], [undefined, undefined, []]);
});

test('only so many are kept, the others are read again', () => {
  using database = openDatabase(':memory:');
  const recent = database.collection<Item>('items', 2);
  for (const id of ['a', 'b', 'c']) recent.put(id, { value: 1 });
  const stored = database.collection<Item>('items');
  for (const id of ['a', 'b', 'c']) stored.put(id, { value: 2 }); // behind its back
  assert.deepEqual(
    ['c', 'b', 'a'].map((id) => recent.get(id)?.value),
    [1, 1, 2],
  );
});

test('what a transaction did not keep is not there', () => {
  using database = openDatabase(':memory:');
  const recent = database.collection<Item>('items', 9);
  recent.put('kept', { value: 1 });
  const failing = (): void => {
    recent.put('kept', { value: 2 });
    recent.put('new', { value: 2 });
    throw new Error('no');
  };
  assert.throws(() => database.transaction(failing));
  assert.deepEqual([recent.get('kept'), recent.get('new')], [{ value: 1 }, undefined]);
});

test('two that ask for the same collection see one another', () => {
  using database = openDatabase(':memory:');
  const [one, two] = [database.collection<Item>('items', 9), database.collection<Item>('items', 9)];
  one.put('a', { value: 1 });
  two.put('a', { value: 2 });
  assert.deepEqual(one.get('a'), { value: 2 });
});

test('a document that cannot be written is not taken for one that is', () => {
  using database = openDatabase(':memory:');
  const recent = database.collection<unknown>('items', 9);
  recent.put('a', 1);
  assert.throws(() => recent.put('a', 1n));
  assert.equal(recent.get('a'), 1);
});
