import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDetachFilter, parseDetachKeys } from './detach-keys.ts';

test('key names', () => {
  assert.deepEqual([...parseDetachKeys(undefined)], [16, 17]);
  assert.deepEqual([...parseDetachKeys('')], [16, 17]);
  assert.deepEqual([...parseDetachKeys('ctrl-a,b,ctrl-@,ctrl-_')], [1, 98, 0, 31]);
  for (const bad of ['ctrl-', 'ctrl-1', 'ab', 'a,,b']) {
    assert.throws(() => parseDetachKeys(bad), { code: 'invalid', message: `Invalid detach keys (${bad}) provided` });
  }
});

test('the sequence is found across chunks, and is not passed on', () => {
  const filter = createDetachFilter(parseDetachKeys('ctrl-p,ctrl-q'));
  assert.deepEqual(filter.push(Buffer.from('ab\x10')), { pass: Buffer.from('ab'), detach: false });
  assert.deepEqual(filter.push(Buffer.from('\x11cd')), { pass: Buffer.alloc(0), detach: true });
});

test('a begun sequence that does not go on is input after all', () => {
  const filter = createDetachFilter(parseDetachKeys('ctrl-p,ctrl-q'));
  assert.equal(filter.push(Buffer.from('\x10')).pass.length, 0);
  assert.deepEqual(filter.push(Buffer.from('x')).pass, Buffer.from('\x10x'));
  assert.deepEqual(filter.push(Buffer.from('\x10\x10\x11')), { pass: Buffer.from('\x10'), detach: true });
});

test('input without the sequence passes whole, however it is cut', () => {
  const harmless = fc.uint8Array().map((bytes) => bytes.map((byte) => (byte === 0x11 ? 0x12 : byte)));
  fc.assert(
    fc.property(fc.array(harmless), (chunks) => {
      const filter = createDetachFilter(parseDetachKeys(undefined));
      const end = new Uint8Array([0x61]);
      const passed = [...chunks, end].map((chunk) => filter.push(Buffer.from(chunk)));
      assert.ok(passed.every(({ detach }) => !detach));
      assert.deepEqual(Buffer.concat(passed.map(({ pass }) => pass)), Buffer.concat([...chunks, end]));
    }),
  );
});
