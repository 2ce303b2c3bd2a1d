import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineIndex } from './line-index.ts';

test('offsets and positions of a text with both kinds of line breaks', () => {
  const lines = createLineIndex('ab\r\ncd\n\nx');
  assert.equal(lines.lineCount, 4);
  assert.deepEqual(lines.positionAt(0), { line: 0, character: 0 });
  assert.deepEqual(lines.positionAt(5), { line: 1, character: 1 });
  assert.deepEqual(lines.positionAt(99), { line: 3, character: 1 });
  assert.equal(lines.offsetAt({ line: 1, character: 1 }), 5);
  assert.equal(lines.offsetAt({ line: 0, character: 99 }), 2, 'a character behind the line is its end');
  assert.equal(lines.offsetAt({ line: 9, character: 0 }), 9);
  assert.equal(lines.endOf(0), 2);
  assert.equal(lines.startOf(2), 7);
});

test('every offset survives the way to a position and back', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀') }), fc.nat(), (text, n) => {
      const lines = createLineIndex(text);
      const offset = n % (text.length + 1);
      assert.equal(lines.offsetAt(lines.positionAt(offset)), offset);
    }),
  );
});
