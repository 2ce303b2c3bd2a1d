import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { isSmallDirectory } from './small-directory.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-small-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a few files at any depth are small', () => {
  assert.equal(isSmallDirectory(root), true);
  mkdirSync(path.join(root, 'a/b/c'), { recursive: true });
  writeFileSync(path.join(root, 'a/b/c/f'), 'f');
  assert.equal(isSmallDirectory(root), true);
});

test('many entries are not, wherever they are', () => {
  mkdirSync(path.join(root, 'a'));
  for (let i = 0; i < 63; i++) writeFileSync(path.join(root, 'a', String(i)), '');
  assert.equal(isSmallDirectory(root), true);
  writeFileSync(path.join(root, 'a/one-more'), '');
  assert.equal(isSmallDirectory(root), false);
});

test('many bytes are not, and holes count as bytes', () => {
  writeFileSync(path.join(root, 'f'), '');
  truncateSync(path.join(root, 'f'), 1024 * 1024);
  assert.equal(isSmallDirectory(root), false);
});

test('what cannot be looked at is not', () => {
  assert.equal(isSmallDirectory(path.join(root, 'none')), false);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), '');
  assert.equal(isSmallDirectory(root), false);
});
