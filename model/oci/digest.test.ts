import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestHex, isDigest, shortId } from './digest.ts';

const HEX = '0123456789abcdef'.repeat(4);

test('a digest is sha256 with 64 lower-case hex digits', () => {
  assert.equal(isDigest(`sha256:${HEX}`), true);
  for (const bad of [
    '',
    HEX,
    `sha256:${HEX}0`,
    `sha256:${HEX.slice(1)}`,
    `sha256:${HEX.toUpperCase()}`,
    `sha256:${HEX}\n`,
  ]) {
    assert.equal(isDigest(bad), false, bad);
  }
});

test('the parts that names are made of', () => {
  assert.equal(digestHex(`sha256:${HEX}`), HEX);
  assert.equal(shortId(`sha256:${HEX}`), '0123456789ab');
  assert.equal(shortId(HEX), '0123456789ab', 'container ids have no prefix');
});
