import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCacheConfig, encodeCacheConfig } from './cache-config.ts';

const hex = (digit: string): string => `sha256:${digit.repeat(64)}`;
const created = '2024-01-02T03:04:05.000Z';
const layer = { chainId: hex('1'), diffId: hex('2'), size: 7 };
const blob = { digest: hex('3'), size: 9, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' };

test('what is written is read again, without what the steps are', () => {
  const steps = [
    { keys: [hex('a')], outcome: { created, description: '' } },
    { keys: [hex('b')], outcome: { created, description: '', layer } },
  ];
  const layers = [{ diffId: layer.diffId, blob, created }];
  assert.deepEqual(decodeCacheConfig(encodeCacheConfig({ steps, layers })), { steps, layers });
});

test('it is what BuildKit reads: records name their layers by place, and each key is a record', () => {
  const outcome = { created, description: 'RUN --password=secret', layer };
  const text = encodeCacheConfig({
    steps: [{ keys: [hex('a'), hex('b')], outcome }],
    layers: [{ diffId: layer.diffId, blob, created }],
  });
  assert.deepEqual(JSON.parse(text), {
    layers: [
      {
        blob: blob.digest,
        parent: -1,
        annotations: { mediaType: blob.mediaType, diffID: layer.diffId, size: 9, createdAt: created },
      },
    ],
    records: ['a', 'b'].map((key) => ({
      digest: hex(key),
      layers: [{ layer: 0, createdAt: created }],
      slipway: { created, layer },
    })),
  });
});

test("BuildKit's own records, and what is damaged, count as nothing remembered", () => {
  const strange = {
    layers: [{ blob: hex('3'), parent: -1 }, 7, { blob: 'x', annotations: { diffID: hex('2') } }],
    records: [
      { digest: hex('a'), inputs: [[{ link: 0 }]] },
      { digest: hex('a'), slipway: { created: 'never', description: '' } },
      {
        digest: hex('a'),
        slipway: { created, description: '', layer: { chainId: '../..', diffId: hex('2'), size: 1 } },
      },
      { digest: 'short', slipway: { created, description: '' } },
      null,
    ],
  };
  assert.deepEqual(decodeCacheConfig(JSON.stringify(strange)), { steps: [], layers: [] });
  assert.deepEqual(decodeCacheConfig('[]'), { steps: [], layers: [] });
  assert.throws(() => decodeCacheConfig('{'), /not JSON/);
});
