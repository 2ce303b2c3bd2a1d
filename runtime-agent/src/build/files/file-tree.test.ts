import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followLinks, joinPath, walkTree } from './file-tree.ts';
import { memoryTree } from './memory-tree.fixture.ts';

const tree = memoryTree({
  'a/one': '1',
  'a/b/two': '2',
  'a/b/c': null,
  link: '->a',
  'a/up': '->../z',
  'a/out': '->../../../z',
  abs: '->/a/b',
  circle: '->circle',
  z: 'z',
});

test('walks parents first, in the order of names', () => {
  const all = [...walkTree(tree, 'a')].map(({ path, entry }) => `${path}:${entry.kind}`);
  assert.deepEqual(all, [
    ':directory',
    'b:directory',
    'b/c:directory',
    'b/two:file',
    'one:file',
    'out:symlink',
    'up:symlink',
  ]);
});

test('leaves out what is to be skipped, with all below it', () => {
  const paths = [...walkTree(tree, 'a', (path) => path === 'b' || path === 'up')].map(({ path }) => path);
  assert.deepEqual(paths, ['', 'one', 'out']);
});

test('a file is a walk of one, nothing is none', () => {
  assert.deepEqual(
    [...walkTree(tree, 'z')].map(({ path }) => path),
    [''],
  );
  assert.deepEqual([...walkTree(tree, 'nothing')], []);
  assert.deepEqual(
    [...walkTree(tree, 'link')].map(({ entry }) => entry.kind),
    ['symlink'],
  );
});

test('links are followed inside the tree', () => {
  assert.equal(followLinks(tree, 'link/b/two'), 'a/b/two');
  assert.equal(followLinks(tree, 'abs'), 'a/b');
  assert.equal(followLinks(tree, 'a/up'), 'z');
  assert.equal(followLinks(tree, 'a/out'), 'z');
  assert.equal(followLinks(tree, 'link/../z'), 'z');
  assert.equal(followLinks(tree, ''), '');
});

test('what is not there, and links in circles, lead nowhere', () => {
  assert.equal(followLinks(tree, 'a/nothing'), undefined);
  assert.equal(followLinks(tree, 'z/x'), undefined);
  assert.equal(followLinks(tree, 'circle'), undefined);
});

test('joins paths', () => {
  assert.deepEqual([joinPath('', 'a'), joinPath('a', ''), joinPath('a', 'b')], ['a', 'a', 'a/b']);
});
