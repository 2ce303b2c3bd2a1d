import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDockerfile } from './parse.ts';

const PIECES = [
  'FROM a AS b\n',
  '# escape=`\n',
  '# a comment\n',
  'RUN x \\\n  # inside\n  y\n',
  'RUN x `\n  y\n',
  'RUN <<E cat <<F\na\nE\nb\nF\n',
  'RUN <<E\nnever ends\n',
  '\n',
  '  \r\n',
  'COPY --from=b ["x", "y"]\n',
  'ONBUILD RUN x\n',
  '\\\n',
  '\uFEFF',
  'ENV é="😀',
];
const piece = fc.constantFrom(...PIECES);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

test('a text read after any other gives the same tree as read alone', () => {
  fc.assert(
    fc.property(text, text, fc.nat(), fc.nat(), (before, inserted, at, removed) => {
      const start = at % (before.length + 1);
      const after = before.slice(0, start) + inserted.slice(0, at % 20) + before.slice(start + (removed % 20));
      assert.deepEqual(parseDockerfile(after, parseDockerfile(before)), parseDockerfile(after));
      assert.deepEqual(parseDockerfile(before, parseDockerfile(after)), parseDockerfile(before));
    }),
    { numRuns: 1000 },
  );
});

test('what stands above a change is taken over, what stands below is not', () => {
  const before = parseDockerfile('FROM a\nRUN b\nRUN c\nRUN d\n');
  const after = parseDockerfile('FROM a\nRUN b\nRUN cc\nRUN d\n', before);
  const same = after.instructions.map((instruction, i) => instruction === before.instructions[i]);
  assert.deepEqual(same, [true, true, false, false]);
});
