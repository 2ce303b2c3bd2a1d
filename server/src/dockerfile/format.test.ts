import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeInstruction } from '#model/dockerfile/decode.ts';
import { parseDockerfile } from '#model/dockerfile/syntax/parse.ts';
import { applyEdits } from '#model/text/edit.ts';
import { documentAt } from './document-check.ts';
import { format, formatAfter } from './format.ts';

const SPACES = { tabSize: 4, insertSpaces: true };
const TABS = { tabSize: 4, insertSpaces: false };

function formatted(text: string, options = SPACES): string {
  return applyEdits(text, format(documentAt(text).document, options));
}

/** The text after the last character before the caret was typed. */
function typed(marked: string, options = SPACES): string {
  const { document, offset } = documentAt(marked);
  return applyEdits(document.text, formatAfter(document, offset, options));
}

test('instructions at the margin, continuation lines one step in', () => {
  assert.equal(formatted('  FROM a  \n\tRUN b && \\  \nc \\\n  d'), 'FROM a\nRUN b && \\\n    c \\\n      d\n');
  assert.equal(formatted('FROM a\nRUN b \\\n  c \\\n  d\n', TABS), 'FROM a\nRUN b \\\n\tc \\\n\td\n');
  assert.equal(
    formatted('FROM a\nRUN b \\\n\t\tif c; then \\\n\t\t\td; \\\n\t\tfi\n'),
    'FROM a\nRUN b \\\n    if c; then \\\n        d; \\\n    fi\n',
  );
});

test('quotes, cut words, heredocs and values to the end of the line stay as they are', () => {
  const kept = 'FROM a\nRUN echo "x\\\ny \\\nz" w\\\nx\nRUN <<EOF\n  a  \nEOF\nENV a b \\\n  c\nMAINTAINER a \\\n b\n';
  assert.equal(formatted(kept), kept);
  assert.equal(formatted('FROM a\nRUN <<-E\n\tx \n\tE\n'), 'FROM a\nRUN <<-E\n\tx \n\tE\n');
  assert.equal(formatted('FROM a\nRUN <<E\nx '), 'FROM a\nRUN <<E\nx ');
  assert.equal(formatted('# c  \r\nFROM a \r\n'), '# c\r\nFROM a\r\n');
  assert.equal(formatted('# escape=`\nFROM a\nRUN b `\nc\n'), '# escape=`\nFROM a\nRUN b `\n    c\n');
});

test('while typing: in a continuation the new line is indented, behind its end it is not', () => {
  assert.equal(typed('FROM a\nRUN b \\\n|'), 'FROM a\nRUN b \\\n    ');
  assert.equal(typed('FROM a\nRUN b \\\n  c \\\n|'), 'FROM a\nRUN b \\\n  c \\\n  ');
  assert.equal(typed('FROM a\nRUN b \\\n  c\n  |'), 'FROM a\nRUN b \\\n  c\n');
  assert.equal(typed('FROM a\nRUN b \\|\nc\n'), 'FROM a\nRUN b \\\n    c\n');
  assert.equal(typed('FROM a\nRUN <<E\n  x\n  |\nE'), 'FROM a\nRUN <<E\n  x\n  \nE');
  assert.equal(typed('|'), '');
});

const PIECES = fc.constantFrom(
  'FROM a AS b\n',
  'RUN a ',
  '  ',
  '\t',
  '\\\n',
  '\\\r\n',
  '\\ \n',
  '\n',
  '"',
  "'",
  'x',
  '<<E\n',
  'E\n',
  '# c\n',
  '  # c\n',
  'ENV a=b ',
  'ENV a b',
  'LABEL "x y"=z ',
  'CMD ["a",',
  '"b"]',
  'COPY --link ',
  '\\',
  '$x',
  'ONBUILD ',
  ';',
  '# escape=`\n',
  '`\n',
  ' \n',
);

test('what the builder reads is the same but for blanks between words; twice is once', () => {
  const meaning = (text: string): string => {
    const tree = parseDockerfile(text);
    const decoded = tree.instructions.map((one) => {
      const { command, error } = { error: undefined, ...decodeInstruction(one, text, tree.escape) } as Record<
        string,
        unknown
      >;
      return { command, error, heredocs: one.heredocs.map(({ content }) => text.slice(content.start, content.end)) };
    });
    // Blanks in a row are one, in a shell as in the builder's lists of words. Those in quotes are looked at below.
    return JSON.stringify(decoded).replaceAll(/(?:\\t| )+/g, ' ');
  };
  const quoted = (text: string): string[] => text.match(/"[^"\n]*"|'[^'\n]*'/g) ?? [];
  fc.assert(
    fc.property(fc.array(PIECES, { maxLength: 20 }), fc.constantFrom(SPACES, TABS), (parts, options) => {
      const text = parts.join('');
      const once = formatted(text, options);
      assert.equal(meaning(once), meaning(text));
      assert.deepEqual(quoted(once), quoted(text));
      assert.equal(formatted(once, options), once);
    }),
    { numRuns: 2000 },
  );
});
