import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { passRecord } from './passes.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-passes-'));
const store = path.join(folder, 'cache/passes.json');
after(() => rmSync(folder, { recursive: true }));

const pass = (at: number) => ({ passed: 1, skipped: 0, skipReasons: [], at });
const keep = (root: string, key: string, at: number): void =>
  passRecord(root, store).keep(new Map([[`${root}/a.test.ts`, { key, pass: pass(at) }]]));

test('a pass is found again by file and key, from another clone too; the latest few are kept', () => {
  for (let at = 1; at <= 8; at++) keep('/clone', `k${at}`, at);
  keep('/clone', 'k3', 9);
  const record = passRecord('/other', store);
  assert.deepEqual(record.find('/other/a.test.ts', 'k3'), pass(9));
  assert.deepEqual(record.find('/other/a.test.ts', 'k8'), pass(8));
  assert.equal(record.find('/other/a.test.ts', 'k1'), undefined);
  assert.equal(record.find('/other/b.test.ts', 'k8'), undefined);
  assert.deepEqual(readdirSync(path.dirname(store)), ['passes.json'], 'nothing half-written is left');
});

test('a damaged record is none; one that cannot be written is no failure', () => {
  writeFileSync(store, '{ "a');
  assert.equal(passRecord('/clone', store).find('/clone/a.test.ts', 'k8'), undefined);
  keep('/clone', 'new', 1);
  assert.ok(passRecord('/clone', store).find('/clone/a.test.ts', 'new'));
  passRecord('/clone', '/dev/null/passes.json').keep(new Map());
});
