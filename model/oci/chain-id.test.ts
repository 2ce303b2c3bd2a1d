import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { chainId, chainIds } from './chain-id.ts';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

test('chain ids are those of the image specification', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(sha256) as [string, string, string];
  assert.deepEqual(chainIds([a, b, c], sha256), [a, sha256(`${a} ${b}`), sha256(`${sha256(`${a} ${b}`)} ${c}`)]);
  assert.deepEqual(chainIds([], sha256), []);
  assert.equal(chainId(undefined, a, sha256), a, 'the first layer is its own chain');
});
