import assert from 'node:assert/strict';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Volume } from '#model/engine-api/types.ts';
import { directorySize, volumeUsage } from './volume-usage.ts';

test('a directory’s size: files once, links not followed, what is not there nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-v-'));
  try {
    await mkdir(path.join(folder, 'a/b'), { recursive: true });
    await writeFile(path.join(folder, 'a/one'), 'x'.repeat(1000));
    await writeFile(path.join(folder, 'a/b/two'), 'x'.repeat(500));
    await link(path.join(folder, 'a/one'), path.join(folder, 'a/b/again'));
    await symlink('/', path.join(folder, 'root'));
    assert.equal(await directorySize(folder), 1000 + 500 + 1);
    assert.equal(await directorySize(path.join(folder, 'missing')), 0);
    const volumes = [
      { Name: 'own', Mountpoint: folder, Options: null },
      { Name: 'mount', Mountpoint: folder, Options: { type: 'nfs' } },
    ] as unknown as Volume[];
    const usage = await volumeUsage({ list: () => volumes, users: () => ['c1', 'c2'] });
    assert.deepEqual(
      usage.map(({ Name, UsageData }) => [Name, UsageData]),
      [['own', { RefCount: 2, Size: 1501 }]],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
