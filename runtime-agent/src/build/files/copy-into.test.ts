import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { linkSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SAME_IDS } from '../../host/id-mapping.ts';
import { type CopyInto, copyInto } from './copy-into.ts';
import { directoryTree } from './directory-tree.ts';
import type { FileTree } from './file-tree.ts';
import { memoryTree } from './memory-tree.fixture.ts';
import { parseModeChange } from './mode-change.ts';
import { excluder, selectSources } from './select-sources.ts';

let root = '';
let outside = '';
beforeEach(() => {
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-copy-'));
  root = path.join(base, 'root');
  outside = path.join(base, 'outside');
  for (const folder of [root, outside]) mkdirSync(folder);
});
afterEach(() => rmSync(path.dirname(root), { recursive: true }));

const tree = memoryTree({ f: 'file', g: 'other', 'd/x': 'x', 'd/sub/s': 's', 'd/l': '->x' });
const at = (name: string): string => path.join(root, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

function copy(destination: string, patterns: string[], more: Partial<CopyInto> = {}, from: FileTree = tree) {
  const { sources } = selectSources(from, patterns, more.parents ?? false);
  return copyInto({
    tree: from,
    sources,
    ids: SAME_IDS,
    root,
    destination,
    owner: undefined,
    mode: undefined,
    excluded: () => false,
    replace: false,
    parents: false,
    signal: new AbortController().signal,
    ...more,
  });
}

test('a file goes to the destination, or into it when it is a folder', async () => {
  await copy('/new', ['f']);
  await copy('/folder/', ['f']);
  mkdirSync(at('there'));
  await copy('/there', ['f']);
  await copy('/two', ['f', 'g']);
  assert.deepEqual([read('new'), read('folder/f'), read('there/f')], ['file', 'file', 'file']);
  assert.equal(read('two'), 'other', 'without a slash it is one file after the other');
});

test('a folder gives its contents, with modes, times and links', async () => {
  await copy('/to', ['d']);
  assert.deepEqual([read('to/x'), read('to/sub/s'), readlinkSync(at('to/l'))], ['x', 's', 'x']);
  const times = ['to', 'to/x', 'to/sub', 'to/l'].map((name) => lstatSync(at(name)).mtimeMs / 1000);
  assert.deepEqual(times, Array(4).fill(1_700_000_000));
  assert.equal(statSync(at('to/x')).mode & 0o7777, 0o644);
});

test('a folder that is there keeps its mode; what is in it stays', async () => {
  mkdirSync(at('to'));
  chmodSync(at('to'), 0o700);
  writeFileSync(at('to/old'), 'old');
  writeFileSync(at('to/x'), 'old');
  await copy('/to/', ['d']);
  assert.deepEqual([read('to/old'), read('to/x')], ['old', 'x']);
  assert.equal(statSync(at('to')).mode & 0o7777, 0o700);
});

test('owner and mode are for everything copied and for the folders made on the way', async () => {
  await copy('/a/b/', ['d'], { owner: { uid: 7, gid: 8 }, mode: parseModeChange('u=rwX,go=') });
  for (const name of ['a', 'a/b', 'a/b/x', 'a/b/sub', 'a/b/l']) {
    const { uid, gid } = lstatSync(at(name));
    assert.deepEqual([uid, gid], [7, 8], name);
  }
  assert.equal(statSync(at('a/b/x')).mode & 0o777, 0o600);
  assert.equal(statSync(at('a/b/sub')).mode & 0o777, 0o700);
  assert.equal(statSync(at('a')).mode & 0o777, 0o755);
});

test('owners and set-id bits of the tree are kept', async () => {
  const owned: FileTree = {
    ...tree,
    entry: (name) => {
      const entry = tree.entry(name);
      return entry && { ...entry, uid: 5, gid: 6, mode: entry.kind === 'file' ? 0o6755 : entry.mode };
    },
  };
  await copy('/o', ['d'], {}, owned);
  const { uid, gid, mode } = statSync(at('o/sub/s'));
  assert.deepEqual([uid, gid, mode & 0o7777], [5, 6, 0o6755]);
});

test('nothing is written outside the root, whatever symlinks are there', async () => {
  symlinkSync(outside, at('abs'));
  symlinkSync('../outside', at('rel'));
  mkdirSync(at('to'));
  symlinkSync(path.join(outside, 'stolen'), at('to/x'));
  await copy('/abs/', ['f']);
  await copy('/rel/f', ['f']);
  await copy('/to', ['d']);
  assert.equal(existsSync(path.join(outside, 'f')), false);
  assert.equal(existsSync(path.join(outside, 'stolen')), false);
  assert.equal(read(path.join(outside, 'f')), 'file', 'it is there inside the root');
  assert.equal(lstatSync(at('to/x')).isFile(), true, 'a link in the way of a file is replaced');
});

test('a destination that is a link to a file inside is written through', async () => {
  writeFileSync(at('real'), 'old');
  symlinkSync('/real', at('link'));
  await copy('/link', ['f']);
  assert.equal(read('real'), 'file');
  assert.equal(lstatSync(at('link')).isSymbolicLink(), true);
});

test('what cannot be put there is an error; an archive replaces it', async () => {
  mkdirSync(at('to'));
  writeFileSync(at('to/sub'), 'a file');
  await assert.rejects(copy('/to', ['d']), { code: 'invalid', message: 'cannot copy to non-directory: /to/sub' });
  await copy('/to', ['d'], { replace: true });
  assert.equal(read('to/sub/s'), 's');
  mkdirSync(at('dir/x'), { recursive: true });
  await assert.rejects(copy('/dir', ['d']), { message: 'cannot replace to directory /dir/x with file' });
  await copy('/dir', ['d'], { replace: true });
  assert.equal(read('dir/x'), 'x');
});

test('excluded files stay out', async () => {
  await copy('/to', ['d'], { excluded: excluder(['sub', 'l']) });
  assert.deepEqual([existsSync(at('to/x')), existsSync(at('to/sub')), existsSync(at('to/l'))], [true, false, false]);
  await copy('/one/', ['f', 'g'], { excluded: excluder(['g']) });
  assert.deepEqual([existsSync(at('one/f')), existsSync(at('one/g'))], [true, true], 'what is named is copied');
  await copy('/parents/', ['f', 'g'], { excluded: excluder(['g']), parents: true });
  assert.deepEqual([existsSync(at('parents/f')), existsSync(at('parents/g'))], [true, false]);
});

test('--parents keeps the folders of the sources', async () => {
  await copy('/p/', ['d/sub/s', 'd/sub', 'f'], { parents: true });
  assert.deepEqual([read('p/d/sub/s'), read('p/f')], ['s', 'file']);
});

test('hard links within a folder of the host stay linked', async () => {
  const source = path.join(path.dirname(root), 'source');
  mkdirSync(source);
  writeFileSync(path.join(source, 'one'), 'shared');
  linkSync(path.join(source, 'one'), path.join(source, 'two'));
  utimesSync(path.join(source, 'one'), 1, 1);
  await copy('/to', ['.'], {}, directoryTree(source));
  assert.equal(statSync(at('to/one')).ino, statSync(at('to/two')).ino);
  assert.equal(read('to/two'), 'shared');
});

test('an aborted copy ends', async () => {
  const many = memoryTree(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, 'x'])));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 5);
  await assert.rejects(copy('/to', ['.'], { signal: controller.signal }, many), { name: 'AbortError' });
});
