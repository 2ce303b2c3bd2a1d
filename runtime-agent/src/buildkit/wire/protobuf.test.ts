import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  bigint,
  bool,
  bytes,
  int64,
  maybe,
  message,
  messageMap,
  messages,
  numbers,
  string,
  stringMap,
  strings,
  uint32,
} from './protobuf.ts';

const Inner = message({ name: string(1), at: int64(2) });
const Outer = message({
  text: string(1),
  flag: bool(2),
  count: uint32(3),
  exact: bigint(4),
  raw: bytes(5),
  list: strings(6),
  table: stringMap(7),
  inner: maybe(8, Inner),
  many: messages(9, Inner),
  byName: messageMap(16, Inner),
  packed: numbers(2000),
});

// Bytes as protobufjs 7 writes them for the same fields.
test('the bytes are those of other implementations', () => {
  const encoded = Outer.encode({ text: 'hé', flag: true, count: 300, inner: { name: 'x', at: -1 }, list: ['a', ''] });
  assert.equal(encoded.toString('hex'), '0a0368c3a9100118ac023201613200420e0a017810ffffffffffffffffff01');
  assert.deepEqual(Outer.decode(encoded).inner, { name: 'x', at: -1 });
});

test('a field that no table names is skipped, whatever its kind', () => {
  const bytes = Buffer.from('0a0161f80301f90300000000000000f0fa03026162fd03000000001001', 'hex');
  const { text, flag } = Outer.decode(bytes);
  assert.deepEqual([text, flag], ['a', true]);
});

test('numbers come packed and one by one', () => {
  assert.deepEqual(Outer.decode(Buffer.from('827d03019601', 'hex')).packed, [1, 150]);
  assert.deepEqual(Outer.decode(Buffer.from('807d01807d9601', 'hex')).packed, [1, 150]);
});

test('what is no message is refused', () => {
  for (const hex of ['0a05', '0affffffff0f61', '08', '10ffffffffffffffffffffff01', '0b', '0801', 'f9030000']) {
    assert.throws(() => Outer.decode(Buffer.from(hex, 'hex')), { code: 'invalid' }, hex);
  }
});

test('what is written is read again', () => {
  const inner = fc.record(
    { name: fc.string({ unit: 'grapheme' }), at: fc.maxSafeInteger() },
    { noNullPrototype: true },
  );
  const value = fc.record(
    {
      text: fc.string({ unit: 'grapheme' }),
      flag: fc.boolean(),
      count: fc.nat({ max: 0xff_ff_ff_ff }),
      exact: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      raw: fc.uint8Array().map((array) => Buffer.from(array)),
      list: fc.array(fc.string()),
      table: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      inner: fc.option(inner, { nil: undefined }),
      many: fc.array(inner),
      byName: fc.dictionary(fc.string(), inner, { noNullPrototype: true }),
      packed: fc.array(fc.nat()),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(value, (one) => {
      assert.deepEqual(Outer.decode(Outer.encode(one)), one);
    }),
  );
});
