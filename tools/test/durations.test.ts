import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { durationRecord } from './durations.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-durations-'));
const store = path.join(root, 'cache', 'durations.json');
after(() => rmSync(root, { recursive: true }));

const at = (name: string): string => path.join(root, name);

test('the longest first, as they were the last time, also from another clone', () => {
  const files = ['a', 'b', 'c'].map(at);
  durationRecord(root, store).keep(
    new Map([
      [at('b'), 300],
      [at('a'), 20.4],
      [at('c'), 100],
    ]),
  );
  assert.deepEqual(durationRecord(root, store).longestFirst(files), ['b', 'c', 'a'].map(at));
  assert.deepEqual(durationRecord('/elsewhere', store).longestFirst(['/elsewhere/a', '/elsewhere/b']), [
    '/elsewhere/b',
    '/elsewhere/a',
  ]);
});

test('shares of about the same length; no empty ones', () => {
  const record = durationRecord(root, store);
  record.keep(
    new Map(
      [
        ['a', 90],
        ['b', 50],
        ['c', 40],
        ['d', 10],
      ].map(([name, ms]) => [at(String(name)), Number(ms)]),
    ),
  );
  assert.deepEqual(record.share(['a', 'b', 'c', 'd'].map(at), 2), [['a', 'd'].map(at), ['b', 'c'].map(at)]);
  assert.deepEqual(record.share([at('a')], 3), [[at('a')]]);
});

test('what never ran is guessed by its size; a damaged record is none', () => {
  writeFileSync(at('small.ts'), 'x');
  writeFileSync(at('large.ts'), 'x'.repeat(100));
  writeFileSync(at('damaged.json'), '{ "small');
  assert.deepEqual(durationRecord(root, at('damaged.json')).longestFirst([at('small.ts'), at('large.ts')]), [
    at('large.ts'),
    at('small.ts'),
  ]);
});
