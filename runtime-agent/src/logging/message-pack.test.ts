import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagePack, type Packable } from './message-pack.ts';

const hex = (value: Packable): string => messagePack(value).toString('hex');

test('the encodings of the specification', () => {
  assert.equal(hex('a'), 'a161');
  assert.equal(hex('x'.repeat(32)).slice(0, 4), 'd920');
  assert.equal(hex('x'.repeat(256)).slice(0, 6), 'da0100');
  assert.equal(hex('x'.repeat(65_536)).slice(0, 10), 'db00010000');
  assert.equal(hex(Buffer.from([0xff])), 'a1ff');
  assert.equal(hex(1_795_896_994), 'ce6b0b36a2');
  assert.equal(hex(['a', 'b']), '92a161a162');
  assert.equal(hex(Array.from({ length: 16 }, () => 'a')).slice(0, 6), 'dc0010');
  assert.equal(hex(new Map([['k', 'v']])), '81a16ba176');
  assert.equal(hex(new Map(Array.from({ length: 16 }, (_, i) => [String(i), 'v']))).slice(0, 6), 'de0010');
  assert.equal(hex({ seconds: 1, nanoseconds: 2 }), 'd7000000000100000002');
});
