import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { resolveChown as resolveWarned } from './chown-option.ts';

let root = '';
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-chown-'));
  mkdirSync(path.join(root, 'etc'));
  mkdirSync(path.join(root, 'usr'));
  writeFileSync(path.join(root, 'usr/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1001::/home/node:/bin/sh\n');
  symlinkSync('/usr/passwd', path.join(root, 'etc/passwd'));
  writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\nstaff:x:50:node\n');
});
after(() => rmSync(root, { recursive: true }));

let warnings: string[] = [];
const resolveChown = (option: string, where: string, isEmpty = false) =>
  resolveWarned(option, { root: where, isEmpty }, (text) => warnings.push(text));

test('numbers are taken as they are; one alone is the group too', () => {
  assert.deepEqual(resolveChown('5', root), { uid: 5, gid: 5 });
  assert.deepEqual(resolveChown('5:6', root), { uid: 5, gid: 6 });
  assert.deepEqual(resolveChown(':6', root), { uid: 0, gid: 6 });
});

test('names are those of the image; a user alone brings its group', () => {
  assert.deepEqual(resolveChown('node', root), { uid: 1000, gid: 1001 });
  assert.deepEqual(resolveChown('node:staff', root), { uid: 1000, gid: 50 });
  assert.deepEqual(resolveChown('7:staff', root), { uid: 7, gid: 50 });
});

test('a colon with nothing behind it is the group 0', () => {
  assert.deepEqual(resolveChown('7:', root), { uid: 7, gid: 0 });
});

test('where nothing has been put yet, only numbers are known', () => {
  assert.deepEqual(resolveChown('5:6', root, true), { uid: 5, gid: 6 });
  assert.throws(() => resolveChown('node', root, true), /^EngineError: invalid user index: -1: .* instead of node$/);
  assert.throws(() => resolveChown('5:staff', root, true), { code: 'invalid' });
});

test('unknown names are root, and told', () => {
  warnings = [];
  assert.deepEqual(resolveChown('nosuch', root), { uid: 0, gid: 0 });
  assert.deepEqual(resolveChown('node:nosuch', root), { uid: 1000, gid: 1001 });
  assert.deepEqual(resolveChown('node', path.join(root, 'usr')), { uid: 0, gid: 0 });
  assert.equal(warnings.length, 3);
  assert.match(warnings[0] ?? '', /^nosuch: the image has no user "nosuch": the files belong to root$/);
  assert.match(warnings[1] ?? '', /no group "nosuch"/);
});
