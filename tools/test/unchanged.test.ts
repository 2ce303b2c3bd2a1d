import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { passRecord } from './passes.ts';
import { splitUnchanged } from './unchanged.ts';

const root = mkdtempSync(path.join(tmpdir(), 'slipway-unchanged-'));
const store = path.join(root, 'passes.json');
after(() => rmSync(root, { recursive: true }));

const [a, b] = ['a.test.ts', 'b.test.ts'].map((name) => path.join(root, name)) as [string, string];
const pass = { passed: 3, skipped: 1, skipReasons: ['no moon'], at: 1 };
const split = (machine = 'm', all = false) =>
  splitUnchanged([a, b], { root, record: passRecord(root, store), machine, all });

beforeEach(() => {
  rmSync(store, { force: true });
  writeFileSync(a, "import './code.ts';\n");
  writeFileSync(b, '');
  writeFileSync(path.join(root, 'code.ts'), 'one');
});

test('what passed is not run again, until an input or the machine changes, or all are wanted', () => {
  assert.deepEqual(split().changed, [a, b]);
  split().keep(new Map([[a, pass]]));
  assert.deepEqual(split().changed, [b]);
  assert.deepEqual([...split().unchanged], [[a, pass]]);
  assert.deepEqual(split('another').changed, [a, b]);
  assert.deepEqual(split('m', true).changed, [a, b]);
  writeFileSync(path.join(root, 'code.ts'), 'two');
  assert.deepEqual(split().changed, [a, b]);
  writeFileSync(path.join(root, 'code.ts'), 'one');
  assert.deepEqual(split().changed, [b]);
});

test('a pass during which an input changed is not remembered', () => {
  const running = split();
  writeFileSync(path.join(root, 'code.ts'), 'two');
  running.keep(new Map([[a, pass]]));
  assert.deepEqual(split().changed, [a, b]);
});

test('a file whose inputs cannot be read is run', () => {
  split().keep(new Map([[b, pass]]));
  rmSync(b);
  assert.deepEqual(split().changed, [a, b]);
});
