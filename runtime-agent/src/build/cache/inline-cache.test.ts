import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inlineCache, inlineCacheOf } from './inline-cache.ts';

test('the cache in an image is read again; one that is none counts for nothing', () => {
  const steps = [
    { keys: [`sha256:${'a'.repeat(64)}`], outcome: { created: '2024-01-02T03:04:05.000Z', description: '' } },
  ];
  assert.deepEqual(inlineCacheOf({ os: 'linux', ...inlineCache(steps) }), steps);
  assert.deepEqual(inlineCacheOf({ os: 'linux' }), []);
  assert.deepEqual(inlineCacheOf({ 'moby.buildkit.cache.v0': 'bm90IEpTT04=' }), []);
});
