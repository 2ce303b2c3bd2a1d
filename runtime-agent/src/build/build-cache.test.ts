import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import { openBuildCache } from './build-cache.ts';

const outcome = {
  created: '2026-01-01T00:00:00.000Z',
  description: 'RUN x',
  layer: { chainId: 'c', diffId: 'd', size: 5 },
};

test('remembers outcomes under all their keys, over restarts', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-cache-'));
  try {
    const file = path.join(folder, 'state.db');
    {
      using database = openDatabase(file);
      openBuildCache(database).store(['one', 'two'], outcome);
    }
    using database = openDatabase(file);
    const cache = openBuildCache(database);
    assert.deepEqual([cache.find('one'), cache.find('two'), cache.find('three')], [outcome, outcome, undefined]);
    assert.deepEqual(cache.chainIds(), ['c', 'c']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('knows when an outcome was last used, to the minute', () => {
  using database = openDatabase(':memory:');
  let now = 0;
  const cache = openBuildCache(database, () => now);
  const used = () => cache.list().map(({ lastUsed, uses }) => [Date.parse(lastUsed), uses]);
  cache.store(['one'], outcome);
  assert.deepEqual(used(), [[0, 1]]);
  now = 30_000;
  cache.find('one');
  assert.deepEqual(used(), [[0, 1]], 'a second build right after it writes nothing');
  now = 100_000;
  cache.find('one');
  assert.deepEqual(used(), [[100_000, 2]]);
});

test('forgets what is removed, by the ids of its list', () => {
  using database = openDatabase(':memory:');
  const cache = openBuildCache(database);
  cache.store(['one'], outcome);
  cache.store(['two'], { created: outcome.created, description: 'ENV x' });
  const [first] = cache.list();
  assert.match(first?.id ?? '', /^[a-z0-9]{25}$/);
  cache.remove(cache.list().map(({ id }) => id));
  assert.deepEqual([cache.list(), cache.find('one'), cache.chainIds()], [[], undefined, []]);
});
