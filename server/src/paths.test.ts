import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderOf, isAbsolute, resolvePath } from './paths.ts';

test('paths are resolved against a folder', () => {
  assert.equal(resolvePath('/a/b', './c/../d'), '/a/b/d');
  assert.equal(resolvePath('/a/b', '../..'), '/');
  assert.equal(resolvePath('/a/b', ''), '/a/b');
  assert.equal(resolvePath('/a/b', '/c'), '/c');
});

test('what is absolute, on Linux and on Windows', () => {
  for (const path of ['/a', 'C:\\a', 'c:/a', '~/a', '\\\\host']) assert.ok(isAbsolute(path), path);
  for (const path of ['a', './a', 'b.c']) assert.ok(!isAbsolute(path), path);
});

test('the folder of a path', () => {
  assert.equal(folderOf('/a/b.c'), '/a');
  assert.equal(folderOf('C:\\a\\b'), 'C:\\a');
});
