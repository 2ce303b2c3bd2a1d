import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountPoints } from './volume-mount.ts';

test('mount points at and under a directory, with their escapes undone', () => {
  const text = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '30 22 0:40 / /data/vol/_data rw - tmpfs tmpfs rw',
    '31 30 0:41 / /data/vol/_data/with\\040blank rw - tmpfs tmpfs rw',
    '32 22 0:42 / /data/vol/_data2 rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  assert.deepEqual(parseMountPoints(text, '/data/vol/_data'), ['/data/vol/_data', '/data/vol/_data/with blank']);
  assert.deepEqual(parseMountPoints(text, '/elsewhere'), []);
});
