import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openDatabase } from './database.ts';

interface Thing {
  readonly name: string;
}

test('documents are put, replaced, listed by id and deleted', () => {
  using db = openDatabase(':memory:');
  const things = db.collection<Thing>('things');
  things.put('b', { name: 'second' });
  things.put('a', { name: 'first' });
  things.put('b', { name: 'replaced' });
  assert.deepEqual(things.all(), [
    { id: 'a', value: { name: 'first' } },
    { id: 'b', value: { name: 'replaced' } },
  ]);
  assert.equal(things.get('c'), undefined);
  assert.equal(things.delete('a'), true);
  assert.equal(things.delete('a'), false);
});

test('a transaction that throws leaves nothing', () => {
  using db = openDatabase(':memory:');
  const things = db.collection<Thing>('things');
  const failing = (): void => {
    things.put('a', { name: 'x' });
    throw new Error('no');
  };
  assert.throws(() => db.transaction(failing), /no/);
  assert.deepEqual(things.all(), []);
  assert.equal(
    db.transaction(() => 7),
    7,
  );
});

test('what was written is there after opening the file again', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-state-'));
  try {
    const file = path.join(folder, 'deep', 'state.db');
    {
      using db = openDatabase(file);
      db.collection<Thing>('things').put('a', { name: 'kept' });
    }
    using db = openDatabase(file);
    assert.deepEqual(db.collection<Thing>('things').get('a'), { name: 'kept' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
