import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openBaseStore } from './base-store.ts';
import { ignoreRules, readIgnoreRules } from './ignore-rules.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-base-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('what was agreed on is there again, for the same copy only', async () => {
  const file = path.join(folder, 'deep/base.json');
  const first = await openBaseStore(file, 'instance-1');
  first.update([
    { path: 'a', state: 'file:1', mtimeMs: 0 },
    { path: 'b', state: 'file:2', mtimeMs: 0 },
    { path: 'b', state: undefined, mtimeMs: 0 },
  ]);
  first.save();
  await first.flush();
  assert.deepEqual([...(await openBaseStore(file, 'instance-1')).state], [['a', 'file:1']]);
  assert.deepEqual([...(await openBaseStore(file, 'instance-2')).state], []);
});

test('a damaged file is an empty one', async () => {
  const file = path.join(folder, 'damaged.json');
  for (const text of ['', '{', '5', '{"instance":"i","state":{"a":5,"b":"file:1"}}']) {
    writeFileSync(file, text);
    assert.deepEqual([...(await openBaseStore(file, 'i')).state].flat().includes('a'), false);
  }
  assert.match(readFileSync(file, 'utf8'), /instance/);
});

test('the defaults of the ignore rules, and a file that changes them', async () => {
  const rules = await readIgnoreRules(folder);
  for (const name of ['node_modules', 'pkg/node_modules', '.venv']) assert.equal(rules.ignores(name, true), true, name);
  for (const name of ['.git/index.lock', '.git/refs/heads/x.lock', '.slipway/conflicts/a']) {
    assert.equal(rules.ignores(name, false), true, name);
  }
  for (const name of ['.git/index', 'src/a.js', 'yarn.lock', '']) assert.equal(rules.ignores(name, false), false, name);
  writeFileSync(path.join(folder, '.slipwayignore'), '# comment\r\n*.log\n!.venv/\n\n');
  const changed = await readIgnoreRules(folder);
  assert.equal(changed.ignores('a/b.log', false), true);
  assert.equal(changed.ignores('.venv', true), false);
  assert.deepEqual(ignoreRules(['', '# x', 'a']).patterns, ['a']);
});
