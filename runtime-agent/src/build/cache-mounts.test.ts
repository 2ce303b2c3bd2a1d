import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheMount } from '#model/dockerfile/mount-option.ts';
import { createCacheMounts } from './cache-mounts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-caches-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const nothing = async (): Promise<void> => {};
const mount = (more: Partial<CacheMount> = {}): CacheMount => ({
  type: 'cache',
  target: '/c',
  id: 'c',
  source: '/',
  readOnly: false,
  sharing: 'shared',
  mode: 0o755,
  uid: 0,
  gid: 0,
  hasOwner: false,
  ...more,
});

test('is the same directory for the same id, with what was left in it', async () => {
  const mounts = createCacheMounts(folder);
  {
    await using lease = await mounts.take(mount(), nothing, signal);
    writeFileSync(path.join(lease.path, 'f'), 'kept');
  }
  await using again = await createCacheMounts(folder).take(mount(), nothing, signal);
  assert.equal(readFileSync(path.join(again.path, 'f'), 'utf8'), 'kept');
  await using other = await mounts.take(mount({ id: 'other' }), nothing, signal);
  assert.notEqual(other.path, again.path);
});

test('is made with mode and owner, or by what fills it, once', async () => {
  const mounts = createCacheMounts(folder);
  let fills = 0;
  const fill = async (directory: string): Promise<void> => {
    fills++;
    await sleep(5);
    writeFileSync(path.join(directory, 'first'), '');
  };
  const owner = { mode: 0o700, uid: 5, gid: 6, hasOwner: true };
  const leases = await Promise.all([1, 2, 3].map(() => mounts.take(mount({ from: 'a' }), fill, signal)));
  assert.equal(fills, 1);
  assert.ok(existsSync(path.join(leases[2]?.path ?? '', 'first')));
  await using empty = await mounts.take(mount({ id: 'e', from: 'a', ...owner }), fill, signal);
  const { mode, uid, gid } = statSync(empty.path);
  assert.deepEqual([fills, mode & 0o7777, uid, gid], [1, 0o700, 5, 6], 'an owner is for a new folder only');
  await using part = await mounts.take(mount({ id: 'p', from: 'a', source: '/b', ...owner }), fill, signal);
  assert.deepEqual([fills, statSync(part.path).uid], [2, 0]);
});

test('a first content that fails leaves nothing half-made', async () => {
  const mounts = createCacheMounts(folder);
  await assert.rejects(
    mounts.take(mount({ from: 'a' }), () => Promise.reject(new Error('no')), signal),
    /no/,
  );
  assert.deepEqual(mounts.list(), []);
  await using lease = await mounts.take(mount(), nothing, signal);
  assert.ok(existsSync(lease.path));
});

test('locked ones are used one after the other', async () => {
  const mounts = createCacheMounts(folder);
  const order: string[] = [];
  const use = async (name: string): Promise<void> => {
    await using lease = await mounts.take(mount({ sharing: 'locked' }), nothing, signal);
    assert.ok(lease.path);
    order.push(`${name} in`);
    await sleep(5);
    order.push(`${name} out`);
  };
  await Promise.all([use('a'), use('b'), use('c')]);
  assert.deepEqual(order, ['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
});

test('who waits for a lock can be ended', async () => {
  const mounts = createCacheMounts(folder);
  await using held = await mounts.take(mount({ sharing: 'locked' }), nothing, signal);
  const controller = new AbortController();
  const waiting = mounts.take(mount({ sharing: 'locked' }), nothing, controller.signal);
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  assert.ok(held.path);
});

test('private ones are not shared while in use', async () => {
  const mounts = createCacheMounts(folder);
  const wanted = mount({ sharing: 'private' });
  const first = await mounts.take(wanted, nothing, signal);
  {
    await using second = await mounts.take(wanted, nothing, signal);
    assert.notEqual(second.path, first.path);
  }
  await first[Symbol.asyncDispose]();
  await using third = await mounts.take(wanted, nothing, signal);
  assert.equal(third.path, first.path);
});

test('lists what is there and whether it is in use; removes', async () => {
  const mounts = createCacheMounts(folder);
  assert.deepEqual(createCacheMounts(path.join(folder, 'nothing')).list(), []);
  {
    await using lease = await mounts.take(mount(), nothing, signal);
    assert.deepEqual(
      mounts.list().map(({ path, inUse }) => [path, inUse]),
      [[lease.path, true]],
    );
  }
  const [{ name, inUse } = assert.fail()] = mounts.list();
  assert.equal(inUse, false);
  await mounts.remove(name);
  assert.deepEqual(mounts.list(), []);
});
