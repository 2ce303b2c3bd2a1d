import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskUsage, type DiskUsageSources } from './disk-usage.ts';

const measured: string[] = [];
const sources: DiskUsageSources = {
  images: () => ({ LayersSize: 7, Images: [] }),
  containers: async () => {
    measured.push('containers');
    return [];
  },
  volumes: async () => {
    measured.push('volumes');
    return [];
  },
  buildCache: async () => {
    measured.push('cache');
    return [];
  },
};

test('everything, when no type is named', async () => {
  assert.deepEqual(await diskUsage(sources, []), {
    LayersSize: 7,
    Images: [],
    Containers: [],
    Volumes: [],
    BuildCache: [],
  });
});

test('only what is named is measured', async () => {
  measured.length = 0;
  const answer = await diskUsage(sources, ['volume']);
  assert.deepEqual(answer, { LayersSize: 0, Images: null, Containers: null, Volumes: [], BuildCache: null });
  assert.deepEqual(measured, ['volumes']);
  await assert.rejects(diskUsage(sources, ['bogus']), { code: 'invalid', message: 'unknown object type: bogus' });
});
