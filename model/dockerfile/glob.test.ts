import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileGlob } from './glob.ts';

const matches = (pattern: string, text: string): boolean => compileGlob(pattern)(text);

/** [pattern, texts it matches, texts it does not] */
const TABLE: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['*', ['', 'a', '.x'], ['a/b']],
  ['a*c', ['ac', 'abc', 'a*c'], ['a/c', 'abcd']],
  ['?', ['a', 'ü', '😀'], ['', '/', 'ab']],
  ['[a-c]', ['a', 'c'], ['d', 'ab', '']],
  ['[^a-c]', ['d', '^'], ['a']],
  ['[a\\]b]', [']', 'b'], ['c']],
  ['[[]', ['['], ['a']],
  ['[a[]', ['[', 'a'], ['b']],
  ['\\*', ['*'], ['a', '\\*']],
  ['a\\', ['a\\'], ['a']],
  ['**', ['', 'a', 'a/b/c'], []],
  ['**/a', ['a', 'x/a', 'x/y/a'], ['xa', 'a/x']],
  ['a/**', ['a/b', 'a/b/c', 'a/'], ['a', 'b/a']],
  ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a/xb', 'ab']],
  ['a**b', ['ab', 'ax/b'], ['axb', 'ax']],
  ['**/**/**/a', ['a', 'x/y/a'], ['b']],
  ['*a*b*c*', ['abc', 'xaxbxcx'], ['acb', 'a/b/c']],
  ['**/a*/**/*.b', ['a/x.b', 'z/ax/y/x.b', 'a/.b'], ['x.b', 'z/b/x.b']],
  ['**/*a*[x-z]?*', ['q/ayq', 'axq'], ['q/aaq', 'ax']],
  ['', [''], ['a']],
  ['[', [], ['[', '']],
  ['[]', [], [']', '[]']],
  ['[z-a]', [], ['a', 'z']],
];

for (const [pattern, yes, no] of TABLE) {
  test(JSON.stringify(pattern), () => {
    for (const text of yes) assert.equal(matches(pattern, text), true, `matches ${JSON.stringify(text)}`);
    for (const text of no) assert.equal(matches(pattern, text), false, `does not match ${JSON.stringify(text)}`);
  });
}

test('hostile patterns take no longer than others', () => {
  const started = performance.now();
  matches(`${'**/a/'.repeat(12)}b`, 'a/'.repeat(300));
  matches(`${'*a'.repeat(20)}b`, 'a'.repeat(250));
  matches(`${'**/'.repeat(50)}b`, 'a/'.repeat(500));
  assert.ok(performance.now() - started < 2000);
});

const piece = fc.constantFrom('*', '**', '**/', '?', 'a', 'b', '/', '[ab]', '\\*', '.');
const text = fc.array(fc.constantFrom('a', 'b', '/', '*', '.'), { maxLength: 8 }).map((chars) => chars.join(''));

test('many stars or few: the same answer', () => {
  // Three more stars that match nothing make the other way of matching be used.
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), text, (pieces, candidate) => {
      const pattern = `${pieces.join('')}X`;
      assert.equal(matches(`${pattern}***X*X*`, `${candidate}XXX`), matches(`${pattern}XX`, `${candidate}XXX`));
    }),
    { numRuns: 500 },
  );
});

test('a text is matched by itself, escaped, and by itself with a wildcard for any character', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (whole, at) => {
      const chars = [...whole];
      const escaped = chars.map((char) => `\\${char}`);
      assert.equal(matches(escaped.join(''), whole), true);
      const i = chars.length === 0 ? 0 : at % chars.length;
      if (chars[i] === undefined || chars[i] === '/') return;
      for (const wildcard of ['?', '*', '**']) {
        assert.equal(matches(escaped.with(i, wildcard).join(''), whole), wildcard !== '**' || i === chars.length - 1);
      }
    }),
  );
});
