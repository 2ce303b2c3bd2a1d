import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createOpenText, updateOpenText } from './open-text.ts';
import { createPositions, type PositionEncoding } from './positions.ts';

const PIECE = fc.string({ unit: fc.constantFrom('a', 'B', ' ', '\n', '\r\n', 'é', '😀'), maxLength: 8 });
const EDIT = fc.record({ from: fc.nat(), length: fc.nat(6), text: PIECE });
const URI = 'file:///x';

/** The offset, or the one before it when it is within a character or a line break. */
function atCharacter(text: string, offset: number): number {
  const isInside = /[\uDC00-\uDFFF]/.test(text[offset] ?? '') || (text[offset] === '\n' && text[offset - 1] === '\r');
  return isInside ? offset - 1 : offset;
}

test('changes of ranges give the text that an editor has, in every encoding', () => {
  fc.assert(
    fc.property(
      PIECE,
      fc.array(EDIT, { maxLength: 6 }),
      fc.constantFrom<PositionEncoding>('utf-8', 'utf-16', 'utf-32'),
      (first, edits, encoding) => {
        let expected = first;
        const changes = edits.map(({ from, length, text }) => {
          const start = atCharacter(expected, from % (expected.length + 1));
          const end = atCharacter(expected, Math.min(start + length, expected.length));
          const positions = createPositions(expected, encoding);
          const range = { start: positions.positionAt(start), end: positions.positionAt(Math.max(start, end)) };
          expected = expected.slice(0, start) + text + expected.slice(Math.max(start, end));
          return { range, text };
        });
        const updated = updateOpenText(createOpenText(URI, 'x', 1, first, encoding), changes, 2, encoding);
        assert.equal(updated.text, expected);
        assert.equal(updated.version, 2);
      },
    ),
  );
});

test('any ranges at all are taken as the protocol’s own library takes them', () => {
  const position = fc.record({ line: fc.nat(5), character: fc.nat(9) });
  fc.assert(
    fc.property(PIECE, position, position, PIECE, (first, a, b, text) => {
      const ordered = a.line < b.line || (a.line === b.line && a.character <= b.character);
      const range = ordered ? { start: a, end: b } : { start: b, end: a };
      const expected = TextDocument.update(TextDocument.create(URI, 'x', 1, first), [{ range, text }], 2).getText();
      assert.equal(
        updateOpenText(createOpenText(URI, 'x', 1, first, 'utf-16'), [{ range, text }], 2, 'utf-16').text,
        expected,
      );
    }),
  );
});

test('a change without a range is the whole text', () => {
  const updated = updateOpenText(createOpenText(URI, 'x', 1, 'old', 'utf-16'), [{ text: 'new\n' }], 2, 'utf-16');
  assert.deepEqual([updated.text, updated.positions.lineCount], ['new\n', 2]);
});
