import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentDigest } from './content-digest.ts';
import type { FileTree } from './file-tree.ts';
import { memoryTree } from './memory-tree.fixture.ts';
import { excluder, selectSources } from './select-sources.ts';

const { signal } = new AbortController();
const digest = (tree: FileTree, patterns = ['.'], exclude: string[] = []): Promise<string> =>
  contentDigest(tree, selectSources(tree, patterns, false).sources, excluder(exclude), signal);
const changed = (tree: FileTree, path: string, change: object): FileTree => ({
  ...tree,
  entry: (name) => {
    const entry = tree.entry(name);
    return entry && name === path ? { ...entry, ...change } : entry;
  },
});

const files = { a: '1', 'd/b': '2', 'd/l': '->b' };
const tree = memoryTree(files);

test('is the same for the same files, whatever their times', async () => {
  assert.equal(await digest(tree), await digest(memoryTree(files)));
  assert.equal(await digest(tree), await digest(changed(tree, 'd/b', { mtime: 5 })));
  assert.equal(await digest(tree), await digest(changed(tree, '', { mode: 0o700 })), 'only what is in a folder counts');
});

test('differs with content, names, modes, owners, kinds and link targets', async () => {
  const others = [
    memoryTree({ ...files, a: '2' }),
    memoryTree({ ...files, c: '' }),
    memoryTree({ a: '1', 'd/b2': '2', 'd/l': '->b' }),
    memoryTree({ ...files, 'd/l': '->../a' }),
    memoryTree({ ...files, e: null }),
    changed(tree, 'a', { mode: 0o755 }),
    changed(tree, 'd/b', { uid: 5 }),
    changed(tree, 'd', { mode: 0o700 }),
  ];
  const digests = await Promise.all([tree, ...others].map((one) => digest(one)));
  assert.equal(new Set(digests).size, digests.length);
});

test('only what is selected and not excluded counts', async () => {
  const more = memoryTree({ ...files, z: 'other' });
  assert.equal(await digest(tree, ['d']), await digest(more, ['d']));
  assert.equal(await digest(tree), await digest(more, ['.'], ['z']));
  assert.notEqual(await digest(tree), await digest(more));
});

test('the name of a single file counts', async () => {
  const same = memoryTree({ a: '1', b: '1' });
  assert.notEqual(await digest(same, ['a']), await digest(same, ['b']));
});
