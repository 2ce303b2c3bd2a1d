import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSummary } from '#model/engine-api/types.ts';
import { diskUsage, type DiskUsageSources } from './disk-usage.ts';
import { olderThan } from './version.ts';

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
  assert.deepEqual(await diskUsage(sources, [], olderThan('1.51')), {
    LayersSize: 7,
    Images: [],
    Containers: [],
    Volumes: [],
    BuildCache: [],
  });
});

test('only what is named is measured', async () => {
  measured.length = 0;
  const answer = await diskUsage(sources, ['volume'], olderThan('1.51'));
  assert.deepEqual(answer, { LayersSize: 0, Images: null, Containers: null, Volumes: [], BuildCache: null });
  assert.deepEqual(measured, ['volumes']);
  await assert.rejects(diskUsage(sources, ['bogus'], olderThan('1.51')), {
    code: 'invalid',
    message: 'unknown object type: bogus',
  });
});

test('what older versions had besides', async () => {
  const image = { Id: 'i', Size: 5, RepoDigests: [] as string[], RepoTags: [] as string[] } as unknown as ImageSummary;
  const some: DiskUsageSources = {
    ...sources,
    images: () => ({ LayersSize: 5, Images: [image, { ...image, RepoDigests: ['a@sha256:x'] }] }),
    buildCache: async () => [{ Size: 3 }, { Size: 4 }],
  };
  const at = async (version: string) =>
    (await diskUsage(some, [], olderThan(version))) as { BuilderSize?: number; Images: Record<string, unknown>[] };
  const [old, middle, now] = [await at('1.41'), await at('1.43'), await at('1.44')];
  assert.deepEqual([old.BuilderSize, middle.BuilderSize, now.BuilderSize], [7, undefined, undefined]);
  const sizes = [old, middle, now].map(({ Images: [first] }) => first?.['VirtualSize']);
  assert.deepEqual(sizes, [5, 5, undefined]);
  assert.deepEqual(
    now.Images.map((one) => one['RepoDigests']),
    [null, ['a@sha256:x']],
  );
});
