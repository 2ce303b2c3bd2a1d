import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { makeDirectories, pathInRoot } from './path-in-root.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-root-'));
  mkdirSync(path.join(root, 'real/sub'), { recursive: true });
  writeFileSync(path.join(root, 'real/file'), '');
  symlinkSync('/real', path.join(root, 'absolute'));
  symlinkSync('real', path.join(root, 'relative'));
  symlinkSync('../../../../etc', path.join(root, 'climbing'));
  symlinkSync('sub', path.join(root, 'real/inner'));
  symlinkSync('/nowhere/at/all', path.join(root, 'dangling'));
  symlinkSync('b', path.join(root, 'a'));
  symlinkSync('a', path.join(root, 'b'));
});
afterEach(() => rmSync(root, { recursive: true }));

const inRoot = (name: string, keepLast?: boolean): string => pathInRoot(root, name, keepLast).slice(root.length);

test('symlinks lead inside the root, wherever they point', () => {
  assert.equal(inRoot('/absolute/file'), '/real/file');
  assert.equal(inRoot('/relative/inner/x'), '/real/sub/x');
  assert.equal(inRoot('/climbing/passwd'), '/etc/passwd');
  assert.equal(inRoot('/dangling'), '/nowhere/at/all');
  assert.equal(inRoot('/dangling/../x'), '/nowhere/at/x');
});

test('dots never climb out', () => {
  assert.equal(inRoot('../../x'), '/x');
  assert.equal(inRoot('/real/../../..'), '');
  assert.equal(inRoot('./real/./sub/../file'), '/real/file');
});

test('the last symlink can be kept', () => {
  assert.equal(inRoot('/absolute', true), '/absolute');
  assert.equal(inRoot('/relative/inner', true), '/real/inner');
});

test('symlinks that go in circles are an error', () => {
  assert.throws(() => inRoot('/a/x'), { code: 'invalid', message: '/a/x: too many levels of symbolic links' });
});

test('missing directories are made, with their owner, and others left alone', () => {
  makeDirectories(root, path.join(root, 'real/new/deep'), { uid: 12, gid: 34 });
  const made = statSync(path.join(root, 'real/new/deep'));
  assert.deepEqual([made.uid, made.gid, made.mode & 0o777], [12, 34, 0o755]);
  assert.equal(statSync(path.join(root, 'real')).uid, process.getuid?.());
  makeDirectories(root, root, { uid: 1, gid: 1 });
  assert.equal(lstatSync(root).uid, process.getuid?.());
});

test('a file in the way is an error', () => {
  const wanted = path.join(root, 'real/file/x');
  assert.throws(() => makeDirectories(root, wanted, { uid: 0, gid: 0 }), {
    code: 'invalid',
    message: 'mkdir /real/file: not a directory',
  });
});
