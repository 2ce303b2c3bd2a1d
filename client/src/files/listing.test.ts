import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { LIST_SCRIPT, parseListing, STAT_SCRIPT } from './listing.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-listing-'));
  mkdirSync(path.join(folder, 'z folder'));
  for (const name of ['file10', 'file9', '.hidden', '..twice', '-rf', 'with space', '$(touch x)', 'zwei\nzeilen']) {
    writeFileSync(path.join(folder, name), '123', { mode: 0o640 });
  }
  symlinkSync('z folder', path.join(folder, 'to folder'));
  symlinkSync('file9', path.join(folder, 'to file'));
  symlinkSync('nowhere', path.join(folder, 'broken'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const list = (at: string): string =>
  execFileSync('/bin/sh', ['-c', LIST_SCRIPT, 'sh', at], { encoding: 'utf8', cwd: '/' });

test('a folder with every kind of name, hidden ones and links; folders first, numbers in order', () => {
  const entries = parseListing(list(folder));
  const names = entries.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 2), ['to folder', 'z folder']);
  for (const name of ['.hidden', '..twice', '-rf', 'with space', '$(touch x)']) assert.ok(names.includes(name), name);
  assert.ok(names.indexOf('file9') < names.indexOf('file10'));
  assert.ok(!names.some((name) => name.includes('zeilen')), 'left out');
  const find = (name: string) => entries.find((entry) => entry.name === name);
  const { kind, link, size, mode } = find('to file') ?? assert.fail();
  assert.deepEqual({ kind, link, size, mode }, { kind: 'file', link: true, size: 3, mode: 0o640 });
  assert.equal(find('to folder')?.kind, 'folder');
  assert.deepEqual([find('broken')?.kind, find('broken')?.link], ['other', true]);
});

test('an empty folder is empty; one that is not there has an exit code of its own', () => {
  mkdirSync(path.join(folder, 'z folder/empty'));
  assert.deepEqual(parseListing(list(path.join(folder, 'z folder/empty'))), []);
  assert.throws(() => list(path.join(folder, 'none')), { status: 3 });
  assert.throws(() => execFileSync('/bin/sh', ['-c', STAT_SCRIPT, 'sh', path.join(folder, 'none')]), { status: 3 });
});
