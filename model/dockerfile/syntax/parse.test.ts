import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOf } from '#model/text/span.ts';
import { bodyOf, bodySpan } from './joined-text.ts';
import { parseDockerfile } from './parse.ts';
import type { Instruction } from './tree.ts';

function only(text: string): Instruction {
  const { instructions } = parseDockerfile(text);
  assert.equal(instructions.length, 1);
  return instructions[0] as Instruction;
}

test('keyword, flags, words and their places', () => {
  const text = 'copy --from=build --link a  b';
  const copy = only(text);
  assert.equal(copy.keyword, 'COPY');
  assert.equal(textOf(text, copy.nameSpan), 'copy');
  assert.deepEqual(
    copy.flags.map((flag) => [flag.name, flag.value, textOf(text, flag.span)]),
    [
      ['from', 'build', '--from=build'],
      ['link', undefined, '--link'],
    ],
  );
  assert.deepEqual(
    copy.words.map((word) => textOf(text, word.span)),
    ['a', 'b'],
  );
  assert.equal(bodyOf(copy), 'a  b');
  assert.equal(textOf(text, bodySpan(copy)), 'a  b');
});

test('continuation lines are joined, comments and empty lines between them dropped', () => {
  const text = 'RUN one \\\n# note\n\n  two \\ \r\n three\nCMD x';
  const { instructions, comments } = parseDockerfile(text);
  const [run, cmd] = instructions;
  assert.equal(run?.joined.text, 'RUN one   two  three');
  assert.deepEqual(
    run?.words.map((word) => textOf(text, word.span)),
    ['one', 'two', 'three'],
  );
  assert.deepEqual(run?.emptyContinuations, [{ start: 17, end: 17 }]);
  assert.deepEqual(
    comments.map((comment) => comment.text),
    ['note'],
  );
  assert.equal(cmd?.keyword, 'CMD');
});

test('a word over two lines has a place over two lines', () => {
  const text = 'RUN ab\\\ncd';
  const [word] = only(text).words;
  assert.equal(word?.text, 'abcd');
  assert.equal(textOf(text, word?.span ?? { start: 0, end: 0 }), 'ab\\\ncd');
});

test('an escaped escape character does not continue a line', () => {
  assert.equal(parseDockerfile('RUN a\\\\\nRUN b').instructions.length, 2);
});

test('directives stand at the top only, and choose the escape character', () => {
  const tree = parseDockerfile('# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n  b\n');
  assert.equal(tree.escape, '`');
  assert.deepEqual(
    tree.directives.map(({ name, value }) => [name, value]),
    [
      ['syntax', 'docker/dockerfile:1'],
      ['escape', '`'],
    ],
  );
  assert.equal(tree.instructions[0]?.joined.text, 'RUN a   b');
  assert.equal(parseDockerfile('# note\n# escape=`\nFROM a').escape, '\\');
});

test('directive problems', () => {
  assert.deepEqual(
    parseDockerfile('# escape=x\n# escape=`\nFROM a').problems.map(({ code, subject }) => [code, subject]),
    [
      ['invalid-escape', 'x'],
      ['duplicate-directive', 'escape'],
    ],
  );
});

test('heredocs, several, quoted and with tabs', () => {
  const text = 'COPY <<A <<-"B" /d/\n1\nA\n\t2\n\tB\nRUN x';
  const [copy, run] = parseDockerfile(text).instructions;
  assert.deepEqual(
    copy?.heredocs.map((h) => [h.name, h.expand, h.chomp, textOf(text, h.content)]),
    [
      ['A', true, false, '1\n'],
      ['B', false, true, '\t2\n'],
    ],
  );
  assert.equal(textOf(text, copy?.span ?? { start: 0, end: 0 }), text.slice(0, text.indexOf('\nRUN')));
  assert.equal(run?.keyword, 'RUN');
});

test('names of heredocs are words of the shell', () => {
  const named = (line: string, end: string): [string, boolean] | undefined => {
    const [heredoc] = only(`RUN ${line}\nx\n${end}`).heredocs;
    return heredoc?.terminator === undefined ? undefined : [heredoc.name, heredoc.expand];
  };
  assert.deepEqual(named("<<eo'f'", 'eof'), ['eof', false]);
  assert.deepEqual(named(String.raw`<<eo\'f`, "eo'f"), ["eo'f", true]);
  assert.deepEqual(named(String.raw`<<'e'o\'f`, "eo'f"), ["eo'f", false]);
  assert.deepEqual(named("<<'one two'", 'one two'), ['one two', false]);
  assert.deepEqual(named('<<$EOF', '$EOF'), ['$EOF', true]);
  assert.deepEqual(named('<<  EOF', 'EOF'), ['EOF', true]);
  assert.deepEqual(named('a 3<< -"E" > b', '-E'), ['-E', false]);
  assert.deepEqual(named('3<<-file.txt', '\tfile.txt'), ['file.txt', true]);
});

test('a bracket starts JSON only where JSON may stand', () => {
  const isJson = (line: string): boolean => only(line).json !== undefined;
  assert.ok(isJson('VOLUME ["a"]') && isJson('HEALTHCHECK CMD ["a"]') && !isJson('ONBUILD RUN ["a"]'));
  for (const keyword of ['ARG', 'ENV', 'EXPOSE', 'USER', 'WORKDIR']) assert.ok(!isJson(`${keyword} ["a"]`), keyword);
  assert.equal(only('USER [1]').jsonHasOtherThanStrings, false);
});

test('lines that BuildKit does not read', () => {
  const problems = (text: string) => parseDockerfile(text).problems.map(({ code, span }) => [code, span.start]);
  assert.deepEqual(problems(`FROM a\nLABEL a=${'b'.repeat(65_527)}\n`), []);
  assert.deepEqual(problems(`FROM a\nLABEL a=${'b'.repeat(65_528)}\n`), [['line-too-long', 7]]);
  assert.deepEqual(problems(`FROM a\n# ${'ä'.repeat(32_767)}\n`), [['line-too-long', 7]]);
});

test('what is no heredoc', () => {
  assert.deepEqual(only('RUN echo "<<A" a<<b <<<c').heredocs, []);
  assert.deepEqual(only('CMD <<A').heredocs, []);
  for (const line of ['<<', 'a <<', '<<- EOF', 'a<< b', '"1 << 2"', "<<'EOF"]) {
    assert.deepEqual(only(`RUN ${line}`).heredocs, [], line);
  }
  assert.deepEqual(only('RUN ["<<A"]').heredocs, []);
});

test('an unterminated heredoc is a problem and takes the rest', () => {
  const tree = parseDockerfile('RUN <<EOF\necho\nCMD x\n');
  assert.deepEqual(
    tree.problems.map(({ code, subject }) => [code, subject]),
    [['unterminated-heredoc', 'EOF']],
  );
  assert.equal(tree.instructions.length, 1);
});

test('the JSON form', () => {
  const text = 'CMD [ "a" , "b\\"c\\n" ]';
  assert.deepEqual(
    only(text).json?.items.map((item) => [item.text, textOf(text, item.span)]),
    [
      ['a', '"a"'],
      ['b"c\n', '"b\\"c\\n"'],
    ],
  );
  assert.equal(only("CMD ['a']").json, undefined);
  assert.equal(only('CMD ["a", 1]').jsonHasOtherThanStrings, true);
  assert.deepEqual(only('HEALTHCHECK --retries=1 CMD ["x"]').json?.items[0]?.text, 'x');
});

test('ONBUILD has its trigger, with the heredoc read', () => {
  const tree = parseDockerfile('ONBUILD COPY --link <<A /b\nx\nA\nRUN y');
  const [onbuild] = tree.instructions;
  assert.equal(onbuild?.trigger?.keyword, 'COPY');
  assert.equal(onbuild?.trigger?.flags[0]?.name, 'link');
  assert.equal(onbuild?.heredocs.length, 1);
  assert.equal(tree.instructions.length, 2);
});

const PIECES = [
  'FROM',
  'RUN',
  ' ',
  '\n',
  '\\',
  '#',
  '<<',
  'EOF',
  '"',
  "'",
  '[',
  ']',
  ',',
  '--',
  '=',
  '$',
  '{',
  '}',
  '\r\n',
  '`',
  '\t',
  '# escape=`\n',
  'ONBUILD ',
  '-',
];

test('any text gives a tree whose places lie in the text', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      for (const { span, words, flags, nameSpan } of parseDockerfile(text).instructions) {
        for (const place of [span, nameSpan, ...words.map((w) => w.span), ...flags.map((f) => f.span)]) {
          assert.ok(0 <= place.start && place.start <= place.end && place.end <= text.length);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a first line that only goes on', () => {
  const run = only(' \\\n# why\n RUN make\n');
  assert.equal(run.keyword, 'RUN');
  assert.equal(bodyOf(run), 'make');
});

test('where directives may stand', () => {
  const names = (text: string) => parseDockerfile(text).directives.map(({ name }) => name);
  assert.deepEqual(names('# check=skip=all\n# escape=`\n'), ['check', 'escape']);
  // BuildKit reads check and syntax behind a shebang, escape in a line that is indented, and not the other way round.
  assert.deepEqual(names('#!/usr/bin/env x\n# check=skip=all\n# escape=`\n'), ['check']);
  assert.deepEqual(names('  # check=skip=all\n\t# escape=`\n'), ['escape']);
  assert.deepEqual(names('# why\n# check=skip=all\n'), []);
});
