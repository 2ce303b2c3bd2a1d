import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { chooseEncoding, createPositions, type PositionEncoding } from './positions.ts';

const TEXT = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\r\n', 'é', '字', '😀') });

test('UTF-16 is what the protocol’s own library says, lone carriage returns included', () => {
  fc.assert(
    fc.property(TEXT, fc.nat(), (text, n) => {
      const offset = n % (text.length + 1);
      const expected = TextDocument.create('file:///x', 'x', 1, text);
      const positions = createPositions(text, 'utf-16');
      assert.equal(positions.lineCount, expected.lineCount);
      // Between the two characters of a line break the library moves back, we do not: no editor has its caret there.
      if (text[offset - 1] !== '\r' || text[offset] !== '\n') {
        assert.deepEqual(positions.positionAt(offset), expected.positionAt(offset));
      }
    }),
  );
});

test('an offset at a character survives the way to a position and back, in every encoding', () => {
  fc.assert(
    fc.property(TEXT, fc.nat(), fc.constantFrom<PositionEncoding>('utf-8', 'utf-16', 'utf-32'), (text, n, encoding) => {
      let offset = n % (text.length + 1);
      const code = text.charCodeAt(offset);
      if (code >= 0xdc_00 && code <= 0xdf_ff) offset--;
      if (text[offset] === '\n' && text[offset - 1] === '\r') offset--;
      const positions = createPositions(text, encoding);
      assert.equal(positions.offsetAt(positions.positionAt(offset)), offset);
    }),
  );
});

test('what a character counts', () => {
  const text = 'é字😀x';
  assert.deepEqual(
    (['utf-8', 'utf-16', 'utf-32'] as const).map((encoding) => createPositions(text, encoding).unitsIn(0, 4)),
    [9, 4, 3],
  );
  assert.equal(createPositions(text, 'utf-8').offsetAt({ line: 0, character: 3 }), 1, 'inside 字');
  assert.equal(createPositions(text, 'utf-8').offsetAt({ line: 0, character: 99 }), 5);
  assert.equal(createPositions(text, 'utf-16').offsetAt({ line: 7, character: 0 }), 5);
});

test('the client’s preference decides, UTF-16 is what everybody knows', () => {
  assert.equal(chooseEncoding(undefined), 'utf-16');
  assert.equal(chooseEncoding([]), 'utf-16');
  assert.equal(chooseEncoding(['utf-7', 'utf-32', 'utf-16']), 'utf-32');
});
