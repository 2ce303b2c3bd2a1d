import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, afterEach, test } from 'node:test';
import { makeOnce } from './cache.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fill = (text: string) => (directory: string) => writeFile(path.join(directory, 'file'), text);

test('makes a directory once, readable by other users', async () => {
  const target = path.join(folder, 'thing');
  await makeOnce(target, fill('first'));
  await makeOnce(target, fill('second'));
  assert.equal(await readFile(path.join(target, 'file'), 'utf8'), 'first');
  assert.equal((await stat(target)).mode & 0o777, 0o755);
  assert.deepEqual(await readdir(folder), ['thing']);
});

test('a failure leaves nothing', async () => {
  const target = path.join(folder, 'thing');
  const failing = makeOnce(target, async (directory) => {
    await fill('half')(directory);
    throw new Error('the disk is full');
  });
  await assert.rejects(failing, /the disk is full/);
  assert.deepEqual(await readdir(folder), []);
});

test('of two makers at the same time one wins, and both succeed', async () => {
  const target = path.join(folder, 'thing');
  await Promise.all(['a', 'b'].map((text) => makeOnce(target, fill(text))));
  assert.match(await readFile(path.join(target, 'file'), 'utf8'), /^[ab]$/);
  assert.deepEqual(await readdir(folder), ['thing']);
});

test('what a killed maker left an hour ago is removed', async () => {
  const abandoned = path.join(folder, 'thing.making-old');
  await mkdir(abandoned);
  await utimes(abandoned, new Date(0), new Date(0));
  await makeOnce(path.join(folder, 'thing'), fill('new'));
  assert.deepEqual(await readdir(folder), ['thing']);
});
