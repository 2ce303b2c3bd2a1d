import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { awaitVisible } from './await-visible.ts';
import { resolveInRoot } from './resolve-in-root.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const never = new AbortController().signal;
let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-visible-'));
  mkdirSync(path.join(root, 'srv/app'), { recursive: true });
  symlinkSync('/srv/app', path.join(root, 'app'));
  symlinkSync('../../../../srv', path.join(root, 'srv/up'));
  symlinkSync('loop', path.join(root, 'loop'));
});
after(() => rmSync(root, { recursive: true, force: true }));

test('answers as soon as the content is there', async () => {
  const file = path.join(root, 'srv/app/server.js');
  writeFileSync(file, 'one');
  const wanted = { root, path: '/app/server.js', sha256: sha('two'), timeoutMs: 5000 };
  setTimeout(() => writeFileSync(file, 'two'), 60);
  const result = await awaitVisible(wanted, never);
  assert.equal(result.visible, true);
  assert.ok(result.waitedMs >= 50 && result.waitedMs < 1000, String(result.waitedMs));
});

test('gives up after the time, and on folders and missing files', async () => {
  for (const name of ['/srv/app', '/nowhere', '/loop/x']) {
    const result = await awaitVisible({ root, path: name, sha256: sha(''), timeoutMs: 30 }, never);
    assert.equal(result.visible, false);
  }
});

test('a client that goes away ends the wait', async () => {
  const signal = AbortSignal.timeout(20);
  await assert.rejects(awaitVisible({ root, path: '/x', sha256: sha('x'), timeoutMs: 60_000 }, signal));
});

test('links are followed as the container would', async () => {
  assert.equal(await resolveInRoot(root, '/app/server.js'), `${root}/srv/app/server.js`);
  assert.equal(await resolveInRoot(root, '/srv/up/app'), `${root}/srv/app`);
  assert.equal(await resolveInRoot(root, '/../../etc/../x'), `${root}/x`);
  await assert.rejects(resolveInRoot(root, '/loop'), /too many levels/);
});
