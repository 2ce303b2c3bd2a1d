import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('the same files have the same digest, any one difference another, times none', async () => {
  const name = fc.stringMatching(/^[a-z]{1,3}(\/[a-z]{1,3})?$/).map((text) => `x${text.replace('/', '/y')}`);
  const trees = fc.dictionary(
    name,
    fc.string({ minLength: 1, maxLength: 3 }).filter((text) => !text.startsWith('->')),
    {
      minKeys: 1,
      maxKeys: 8,
    },
  );
  await fc.assert(
    fc.asyncProperty(trees, fc.nat(), fc.nat(), async (given, at, time) => {
      const entries = Object.entries(given).filter(
        ([path]) => !Object.keys(given).some((o) => o.startsWith(`${path}/`)),
      );
      const [path = '', content = ''] = entries[at % entries.length] ?? [];
      const own = Object.fromEntries(entries);
      const { [path]: _content, ...others } = own;
      const before = await digest(memoryTree(own));
      const same = [
        memoryTree(Object.fromEntries(entries.toReversed())),
        changed(memoryTree(own), path, { mtime: time }),
        memoryTree({ ...own, zz: 'not looked at' }),
      ];
      for (const one of same) assert.equal(await digest(one, ['x*']), await digest(memoryTree(own), ['x*']));
      const different = [
        memoryTree({ ...own, [path]: `${content}.` }),
        memoryTree({ ...others, [`${path}z`]: content }),
        changed(memoryTree(own), path, { mode: 0o600 }),
        memoryTree(others),
        memoryTree({ ...own, zz: '' }),
      ];
      for (const one of different) assert.notEqual(await digest(one), before);
    }),
    { numRuns: 200 },
  );
});
