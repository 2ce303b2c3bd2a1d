import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapIds, mappedDataRoot, SAME_IDS } from './id-mapping.ts';

const range = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });

test('ids go through the ranges in both directions', () => {
  const ids = mapIds([range(0, 1000, 10), range(10, 5000, 5)], [range(0, 2000, 15)]);
  assert.deepEqual(ids.root, { uid: 1000, gid: 2000 });
  assert.deepEqual(ids.toHost({ uid: 9, gid: 9 }), { uid: 1009, gid: 2009 });
  assert.deepEqual(ids.toHost({ uid: 14, gid: 14 }), { uid: 5004, gid: 2014 });
  assert.deepEqual(ids.toContainer({ uid: 5004, gid: 2000 }), { uid: 14, gid: 0 });
});

test('what is outside is refused on the way in, and nobody on the way out', () => {
  const ids = mapIds([range(0, 1000, 10)], [range(0, 1000, 10)]);
  assert.throws(() => ids.toHost({ uid: 10, gid: 0 }), {
    code: 'invalid',
    message: 'container ID 10 cannot be mapped to a host ID',
  });
  assert.throws(() => ids.toHost({ uid: 0, gid: 77 }), { message: 'container ID 77 cannot be mapped to a host ID' });
  assert.deepEqual(ids.toContainer({ uid: 0, gid: 1001 }), { uid: 65534, gid: 1 });
});

test('without remapping ids are what they are', () => {
  assert.deepEqual(SAME_IDS.toHost({ uid: 7, gid: 4_000_000_000 }), { uid: 7, gid: 4_000_000_000 });
  assert.deepEqual(SAME_IDS.toContainer({ uid: 7, gid: 8 }), { uid: 7, gid: 8 });
  assert.equal(SAME_IDS.ranges, undefined);
});

test('each mapping has a data root of its own', () => {
  const ids = mapIds([range(0, 1000, 10)], [range(0, 2000, 10)]);
  assert.equal(mappedDataRoot('/data', ids), '/data/1000.2000');
  assert.equal(mappedDataRoot('/data', SAME_IDS), '/data');
});
