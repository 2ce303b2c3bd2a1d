import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { watchMountPoints } from './mount-points.ts';

let root = '';
let upper = '';
beforeEach(() => {
  const base = mkdtempSync(path.join(tmpdir(), 'slipway-points-'));
  [root, upper] = [path.join(base, 'root'), path.join(base, 'upper')];
  mkdirSync(path.join(root, 'etc'), { recursive: true });
  mkdirSync(upper);
});
afterEach(() => rmSync(path.dirname(root), { recursive: true }));
const at = (name: string): string => path.join(root, name);

test('mount points that were missing go again when they are empty', () => {
  writeFileSync(at('etc/hosts'), '');
  const points = watchMountPoints(root, ['/etc/hosts', '/etc/resolv.conf', '/a/b/c', '/proc']);
  writeFileSync(at('etc/resolv.conf'), '');
  mkdirSync(at('a/b/c'), { recursive: true });
  mkdirSync(at('proc'));
  points.removeMade();
  const there = ['etc/hosts', 'etc/resolv.conf', 'a', 'proc'].map((name) => existsSync(at(name)));
  assert.deepEqual(there, [true, false, false, false]);
});

test('what the step put there stays', () => {
  const points = watchMountPoints(root, ['/a/b', '/f', '/d']);
  mkdirSync(at('a/b'), { recursive: true });
  writeFileSync(at('a/own'), 'x');
  writeFileSync(at('f'), 'content');
  points.removeMade();
  assert.deepEqual(
    ['a/own', 'a/b', 'f'].map((name) => existsSync(at(name))),
    [true, false, true],
  );
});

test('a mount point behind a symlink is found inside the root', () => {
  symlinkSync('/elsewhere', at('link'));
  const points = watchMountPoints(root, ['/link/x']);
  mkdirSync(at('elsewhere/x'), { recursive: true });
  points.removeMade();
  assert.equal(existsSync(at('elsewhere')), false);
});

test('folders of the upper directory that only saw them come and go are left out of the layer', () => {
  const points = watchMountPoints(root, ['/etc/hosts']);
  mkdirSync(path.join(upper, 'etc'));
  points.tidyUpper(upper);
  assert.equal(existsSync(path.join(upper, 'etc')), false);
});

test('unless they hold or are something else now', () => {
  const points = watchMountPoints(root, ['/etc/hosts']);
  mkdirSync(path.join(upper, 'etc'));
  writeFileSync(path.join(upper, 'etc/new'), '');
  points.tidyUpper(upper);
  assert.ok(existsSync(path.join(upper, 'etc/new')));
  rmSync(path.join(upper, 'etc/new'));
  chmodSync(path.join(upper, 'etc'), 0o700);
  points.tidyUpper(upper);
  assert.ok(existsSync(path.join(upper, 'etc')), 'the step changed its mode');
});

test('where a mount of the step came and went, the folder stays in the layer, as with BuildKit', () => {
  mkdirSync(at('var'));
  const points = watchMountPoints(root, ['/etc/hosts'], ['/var/cache/x', '/etc/deep/y']);
  for (const name of ['var', 'etc']) mkdirSync(path.join(upper, name));
  points.tidyUpper(upper);
  assert.deepEqual(
    ['var', 'etc'].map((name) => existsSync(path.join(upper, name))),
    [true, true],
  );
});
