import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createKeptContexts } from './kept-contexts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-kept-'));
after(() => rmSync(folder, { recursive: true }));

test('the ones that were used last are kept; those in use always', () => {
  let time = 0;
  using kept = createKeptContexts(folder, () => ++time);
  using held = kept.open('held');
  for (let i = 0; i < 20; i++) kept.open(`k${i}`)[Symbol.dispose]();
  assert.equal(kept.list().length, 16);
  assert.ok(kept.list().some(({ inUse }) => inUse));
  using last = kept.open('k19');
  assert.equal(kept.list().find(({ uses }) => uses === 2)?.inUse, true);
  assert.notEqual(last.spool, held.spool);
});

test('one without a key is gone with its build', () => {
  using kept = createKeptContexts(folder);
  kept.open('')[Symbol.dispose]();
  assert.deepEqual(kept.list(), []);
});

test('what has been replaced many times over is given up', () => {
  using kept = createKeptContexts(folder);
  {
    using lease = kept.open('k');
    lease.reserve(300 * 1024 * 1024);
  }
  assert.deepEqual(kept.list(), []);
});

test('clearing frees what nobody uses at once, and the rest afterwards', () => {
  using kept = createKeptContexts(folder);
  const lease = kept.open('k');
  assert.equal(lease.reserve(10), 0);
  assert.equal(lease.reserve(5), 10);
  assert.equal(kept.remove(kept.list().map(({ id }) => id)), 15);
  assert.deepEqual(kept.list(), []);
  lease[Symbol.dispose]();
});
