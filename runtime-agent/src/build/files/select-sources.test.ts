import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryTree } from './memory-tree.fixture.ts';
import { excluder, selectSources } from './select-sources.ts';

const tree = memoryTree({
  'package.json': '{}',
  'package-lock.json': '{}',
  'src/a.ts': 'a',
  'src/b.js': 'b',
  'src/deep/c.ts': 'c',
  'docs/a.md': 'm',
  'we*ird': 'w',
  link: '->src/a.ts',
  folder: '->src',
});
const select = (patterns: string[], parents = false) => {
  const { sources, missing } = selectSources(tree, patterns, parents);
  return { found: sources.map(({ path, name }) => `${path}>${name}`), missing };
};

test('plain paths, however they are written', () => {
  assert.deepEqual(select(['src/a.ts', '/docs', './package.json']).found, [
    'src/a.ts>a.ts',
    'docs>docs',
    'package.json>package.json',
  ]);
  assert.deepEqual(select(['.']).found, ['>']);
  assert.deepEqual(select(['../src/../docs/a.md']).found, ['docs/a.md>a.md']);
});

test('a link that is itself a source is followed, and keeps its name', () => {
  assert.deepEqual(select(['link', 'folder', 'folder/b.js']).found, ['src/a.ts>link', 'src>folder', 'src/b.js>b.js']);
});

test('wildcards match within one folder, in the order of names', () => {
  assert.deepEqual(select(['package*.json']).found, [
    'package-lock.json>package-lock.json',
    'package.json>package.json',
  ]);
  assert.deepEqual(select(['*/a.*']).found, ['docs/a.md>a.md', 'src/a.ts>a.ts'], 'not by a link');
  assert.deepEqual(select(['src/?.[jt]s']).found, ['src/a.ts>a.ts', 'src/b.js>b.js']);
  assert.deepEqual(select(['we\\*ird']).found, ['we*ird>we*ird']);
});

test('links are followed before a wildcard, not behind it', () => {
  assert.deepEqual(select(['folder/a.*']).found, ['src/a.ts>a.ts']);
  assert.deepEqual(select(['f*/a.ts', 'fol?er/deep/c.ts']).found, []);
  assert.deepEqual(select(['fold*']).found, ['src>folder']);
});

test('** is any number of folders with --parents, one without', () => {
  assert.deepEqual(select(['src/**/*.ts']).found, ['src/deep/c.ts>c.ts']);
  assert.deepEqual(select(['src/**/*.ts'], true).found, ['src/a.ts>src/a.ts', 'src/deep/c.ts>src/deep/c.ts']);
  assert.deepEqual(select([`${'**/'.repeat(30)}c.ts`], true).found, ['src/deep/c.ts>src/deep/c.ts']);
});

test('says what is missing; a wildcard need not match', () => {
  assert.deepEqual(select(['nothing', 'no*', 'src']), { found: ['src>src'], missing: ['nothing'] });
  assert.throws(() => select(['[']), { code: 'invalid', message: '[: syntax error in pattern' });
});

test('--parents keeps the folders, from the pivot on', () => {
  assert.deepEqual(select(['src/deep/c.ts', 'src/*.js'], true).found, [
    'src/deep/c.ts>src/deep/c.ts',
    'src/b.js>src/b.js',
  ]);
  assert.deepEqual(select(['src/./deep/c.ts', './src/./*.js'], true).found, [
    'src/deep/c.ts>deep/c.ts',
    'src/b.js>b.js',
  ]);
});

test('--exclude leaves out, unless something below is taken back in', () => {
  const skip = excluder(['*.md', 'node_modules', 'd', '!d/keep']);
  const files = ['a.md', 'x/a.md', 'node_modules', 'd', 'd/keep', 'd/x'].map((name) => skip(name, false));
  assert.deepEqual(files, [true, false, true, true, false, true]);
  const folders = ['a.md', 'x/a.md', 'node_modules', 'd', 'd/keep', 'd/x'].map((name) => skip(name, true));
  assert.deepEqual(folders, [true, false, true, 'passage', false, true]);
  assert.equal(excluder([])('a', false), false);
});
