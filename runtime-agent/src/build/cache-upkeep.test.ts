import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { CacheMount } from '#model/dockerfile/mount-option.ts';
import { linuxHost } from '../host/linux.ts';
import { openDatabase } from '../state/database.ts';
import { openBuildCache } from './build-cache.ts';
import { createCacheMounts } from './cache-mounts.ts';
import { createCacheUpkeep } from './cache-upkeep.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-upkeep-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const owner = { uid: 0, gid: 0, mode: 0o755, hasOwner: false };
const mount: CacheMount = {
  type: 'cache',
  target: '/c',
  id: 'c',
  source: '/',
  readOnly: false,
  sharing: 'shared',
  ...owner,
};

/** A cache with three steps, used at 1 s, 2 s and 3 s, the second under two keys; image `shared` stands on the third. */
function world() {
  const database = openDatabase(':memory:');
  let now = 0;
  const cache = openBuildCache(database, () => now);
  const swept: string[] = [];
  for (const [keys, chainId, size] of [
    [['a'], 'one', 10],
    [['b', 'b2'], 'two', 20],
    [['c'], 'shared', 30],
  ] as const) {
    now += 1000;
    const created = new Date(now).toISOString();
    cache.store(keys, { created, description: `step ${chainId}`, layer: { chainId, diffId: chainId, size } });
  }
  const cacheMounts = createCacheMounts(path.join(folder, 'mounts'));
  const upkeep = createCacheUpkeep({
    host: linuxHost,
    cache,
    cacheMounts,
    images: {
      async sweep(chainIds) {
        swept.push(...chainIds);
        return 33;
      },
    },
    imageChainIds: () => ['shared'],
  });
  return { cache, cacheMounts, upkeep, swept };
}

test('lists each outcome once, with what it is and takes', async () => {
  const { upkeep } = world();
  const list = (await upkeep.list()).sort((a, b) => a.Size - b.Size);
  assert.deepEqual(
    list.map(({ Description, Size, Shared, UsageCount, Type }) => [Description, Size, Shared, UsageCount, Type]),
    [
      ['step one', 10, false, 1, 'regular'],
      ['step two', 20, false, 2, 'regular'],
      ['step shared', 30, true, 1, 'regular'],
    ],
  );
  assert.equal(list[0]?.LastUsedAt, '1970-01-01T00:00:01.000Z');
});

test('prune forgets everything and sweeps its layers', async () => {
  const { upkeep, cache, swept } = world();
  const report = await upkeep.prune({});
  assert.deepEqual([report.CachesDeleted.length, report.SpaceReclaimed], [3, 33]);
  assert.deepEqual([cache.list(), swept.toSorted()], [[], ['one', 'shared', 'two', 'two']]);
});

test('prune keeps what images stand on, and what filters do not name', async () => {
  const { upkeep } = world();
  assert.equal(
    (await upkeep.prune({ filters: ['description~=three|shared'], keepShared: true })).CachesDeleted.length,
    0,
  );
  const list = await upkeep.list();
  const [one, two = '', shared] = ['one', 'two', 'shared'].map(
    (chain) => list.find(({ Description }) => Description === `step ${chain}`)?.ID,
  );
  assert.deepEqual((await upkeep.prune({ filters: [`id~=${two.slice(0, 9)}`] })).CachesDeleted, [two]);
  assert.deepEqual((await upkeep.prune({ keepShared: true })).CachesDeleted, [one]);
  assert.deepEqual((await upkeep.prune({})).CachesDeleted, [shared]);
});

test('prune keeps what was used since, or what fits', async () => {
  const recent = world();
  await recent.upkeep.prune({ unusedSince: 2000 });
  assert.deepEqual(
    recent.cache
      .list()
      .map(({ outcome }) => outcome.description)
      .sort(),
    ['step shared', 'step two', 'step two'],
  );
  const sized = world();
  await sized.upkeep.prune({ keepBytes: 45 });
  assert.deepEqual(
    sized.cache
      .list()
      .map(({ outcome }) => outcome.description)
      .sort(),
    ['step one', 'step shared'],
  );
});

test('cache mounts are listed with their bytes, and pruned unless in use', async () => {
  const { upkeep, cacheMounts } = world();
  const lease = await cacheMounts.take(mount, async () => {}, new AbortController().signal);
  writeFileSync(path.join(lease.path, 'f'), Buffer.alloc(50_000));
  const listed = async () => (await upkeep.list()).filter(({ Type }) => Type === 'exec.cachemount');
  assert.deepEqual(
    (await listed()).map(({ InUse, Size }) => [InUse, Size >= 50_000]),
    [[true, true]],
  );
  await upkeep.prune({});
  assert.equal((await listed()).length, 1);
  await lease[Symbol.asyncDispose]();
  const report = await upkeep.prune({});
  assert.equal(report.CachesDeleted.length, 1);
  assert.ok(report.SpaceReclaimed >= 50_000);
  assert.deepEqual(await listed(), []);
});
