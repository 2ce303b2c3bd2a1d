import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestHex, isDigest, parseDigest, shortId } from './digest.ts';

const HEX = '0123456789abcdef'.repeat(4);

test('a digest is sha256 with 64 lower-case hex digits', () => {
  assert.equal(parseDigest(`sha256:${HEX}`), `sha256:${HEX}`);
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

test('what is no digest is refused in words of Docker', () => {
  const refusal = (text: string) => assert.throws.bind(undefined, () => parseDigest(text));
  refusal('nothing')({ code: 'invalid', message: 'invalid checksum digest format' });
  refusal('sha256:abc')({ code: 'invalid', message: 'invalid checksum digest length' });
  refusal(`sha512:${HEX}${HEX}`)({ code: 'invalid', message: 'unsupported digest algorithm' });
});

test('the parts that names are made of', () => {
  assert.equal(digestHex(`sha256:${HEX}`), HEX);
  assert.equal(shortId(`sha256:${HEX}`), '0123456789ab');
  assert.equal(shortId(HEX), '0123456789ab', 'container ids have no prefix');
});
