import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readShell } from './shell.ts';

function commands(script: string): string[] {
  return readShell(script).map(({ words }) => words.map(({ text }) => text).join(' '));
}

test('commands between operators', () => {
  assert.deepEqual(commands('a b && c || d; e & f\ng'), ['a b', 'c', 'd', 'e', 'f', 'g']);
});

test('quotes, escapes and comments', () => {
  assert.deepEqual(commands(`a "b c" 'd && e' f\\ g # h\ni"j"k`), ['a b c d && e f g', 'ijk']);
});

test('assignments, keywords and redirections are no words', () => {
  assert.deepEqual(commands('A=1 B="2 3" apt-get x'), ['apt-get x']);
  assert.deepEqual(commands('if ! a; then b; else c; fi'), ['a', 'b', 'c', 'fi']);
  assert.deepEqual(commands('a > /dev/null 2>&1 b < c && d >> e'), ['a b', 'd']);
  assert.deepEqual(commands('env A=1 a b'), ['a b']);
});

test('pipes', () => {
  assert.deepEqual(
    readShell('a | b |& c && d').map(({ piped, pipes }) => [piped, pipes]),
    [
      [false, true],
      [true, true],
      [true, false],
      [false, false],
    ],
  );
});

test('subshells and substitutions', () => {
  const found = readShell('(cd x && a) && b "$(c d)"').map(({ words, subshell }) => [words[0]?.text, subshell]);
  assert.deepEqual(found, [
    ['cd', true],
    ['a', true],
    ['c', true],
    ['b', false],
  ]);
});

test('the patterns of a case are no commands, its bars no pipes', () => {
  const script = 'case "$x" in a|b) c d ;; "e)"|f) g;; *) ;; esac && h | i';
  assert.deepEqual(commands(script), ['c d', 'g', 'esac', 'h', 'i']);
  assert.equal(readShell(script).filter(({ pipes }) => pipes).length, 1);
  assert.deepEqual(commands('case a in\n# note\nb) c;;\nesac\nd'), ['c', 'esac', 'd']);
});

test('places', () => {
  const script = 'x && apt-get "install"  y';
  const [, install] = readShell(script);
  assert.deepEqual(
    install?.words.map(({ start, end }) => script.slice(start, end)),
    ['apt-get', '"install"', 'y'],
  );
});

test('any script is read to its end', () => {
  const pieces = fc.constantFrom(
    'a',
    ' ',
    '"',
    "'",
    '\\',
    '$(',
    ')',
    '(',
    '|',
    '&',
    ';',
    '<',
    '>',
    '#',
    '\n',
    '=',
    '2>',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const script = parts.join('');
      for (const { words } of readShell(script))
        for (const { start, end } of words) assert.ok(start <= end && end <= script.length);
    }),
    { numRuns: 500 },
  );
});
