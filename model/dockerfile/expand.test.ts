import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandText } from './expand.ts';

const variables: Readonly<Record<string, string>> = {
  a: 'hello world',
  empty: '',
  file: 'foo.tar.gz',
  path: '/usr/local/bin',
  ünï: 'letters',
};
const lookup = (name: string): string | undefined => variables[name];
const value = (text: string): string => {
  const { value, error } = expandText(text, lookup);
  return error === undefined ? value : `error: ${error}`;
};

// [text, value]; what BuildKit's own tests and Docker's reference promise
const TABLE: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['$a', 'hello world'],
  ['${a}', 'hello world'],
  ['x${a}y', 'xhello worldy'],
  ['$unset', ''],
  ['[$unset]', '[]'],
  ['$ünï', 'letters'],
  ['\\$a', '$a'],
  ["'$a'", '$a'],
  ['"$a"', 'hello world'],
  ['"\\$a"', '$a'],
  ['"a\\b"', 'a\\b'],
  ['"a\\"b"', 'a"b'],
  ['a\\ b', 'a b'],
  ["'it''s'", 'its'],
  ['$', '$'],
  ['a$', 'a$'],
  ['$.', '$.'],
  ['$$a', 'a'], // the value of `$$`, which there is none of
  ['${a:-d}', 'hello world'],
  ['${empty:-d}', 'd'],
  ['${empty-d}', ''],
  ['${unset:-d}', 'd'],
  ['${unset-d}', 'd'],
  ['${unset:-a b}', 'a b'],
  ['${unset:-$a}', 'hello world'],
  ['${unset:-${file%.*}}', 'foo.tar'],
  ['${unset:-}', ''],
  ['${a:+set}', 'set'],
  ['${empty:+set}', ''],
  ['${empty+set}', 'set'],
  ['${unset+set}', ''],
  ['${a:?needed}', 'hello world'],
  ['${unset:?needed}', 'error: unset: needed'],
  ['${unset?}', 'error: unset: is not allowed to be unset'],
  ['${empty:?}', 'error: empty: is not allowed to be empty'],
  ['${empty?}', ''],
  ['${file%.*}', 'foo.tar'],
  ['${file%%.*}', 'foo'],
  ['${file#*.}', 'tar.gz'],
  ['${file##*.}', 'gz'],
  ['${file#x}', 'foo.tar.gz'],
  ['${file%?z}', 'foo.tar.'],
  ['${path##*/}', 'bin'],
  ['${path%/*}', '/usr/local'],
  ['${path/local/share}', '/usr/share/bin'],
  ['${path//\\//-}', '-usr-local-bin'],
  ['${path//l*l/X}', '/usr/X/bin'],
  ['${a//o/0}', 'hell0 w0rld'],
  ['${a/o/0}', 'hell0 world'],
  ['${a/z/0}', 'hello world'],
  ['${', "error: syntax error: missing '}'"],
  ['${a', 'error: unsupported modifier (\uFFFD) in substitution'],
  ['${a/}', "error: syntax error: missing '/' in ${}"],
  ['${a/o}', "error: syntax error: missing '/' in ${}"],
  ['${a/o/', "error: syntax error: missing '}'"],
  ['${a#\\o}', "error: invalid pattern (\\o) in substitution: invalid escape '\\o'"],
  ['${a//\\+l/x}', "error: invalid pattern (\\+l) in substitution: invalid escape '\\+'"],
  ['${a/l/\\o}', 'he\\olo world'],
  ['${a%l\\o}', "error: invalid pattern (\\ol) in substitution: invalid escape '\\o'"],
  ["${a#'\\o'}", "error: invalid pattern (\\o) in substitution: invalid escape '\\o'"],
  ['${a#"\\h"}', 'hello world'],
  ['${empty/*/x}', 'x'],
  ['${empty//*/x}', 'x'],
  ['${a/$empty/x}', 'xhello world'],
  ['${a//o/<$0${1}$$>}', 'hell<> w<>rld'],
  ["${a//o/'<$0$1$$>'}", 'hell<o$> w<o$>rld'],
  ["${a/o/'<$0$1$$>'}", 'hell<$0$1$$> world'],
  ['${a/"o\\"/x}', "error: syntax error: missing '/' in ${}"],
  ['${a:-', "error: syntax error: missing '}'"],
  ['${}', 'error: syntax error: bad substitution'],
  ['${:x}', 'error: syntax error: bad substitution'],
  ['${a:foo}', 'error: unsupported modifier (:f) in substitution'],
  ['${a:#foo}', 'error: unsupported modifier (:#) in substitution'],
  ['${a!}', 'error: unsupported modifier (!) in substitution'],
  ["'open", 'error: unexpected end of statement while looking for matching single-quote'],
  ['"open', 'error: unexpected end of statement while looking for matching double-quote'],
];

for (const [text, expected] of TABLE) {
  test(`${text} is ${expected}`, () => assert.equal(value(text), expected));
}

test('the escape character can be the backtick', () => {
  const options = { escape: '`' } as const;
  assert.equal(expandText('`$a c:\\dir', lookup, options).value, '$a c:\\dir');
  assert.equal(expandText('"`$a`"" \\', lookup, options).value, '$a" \\');
});

test('words: white space splits, also that of variables; quotes hold together', () => {
  assert.deepEqual(expandText('80 $a "$a" c\\ d', lookup).words, ['80', 'hello', 'world', 'hello world', 'c d']);
  assert.deepEqual(expandText('a"" "" b', lookup).words, ['a', '', 'b']);
  assert.deepEqual(expandText('  ', lookup).words, []);
  assert.deepEqual(expandText('${unset:-1 2} 3', lookup).words, ['1', '2', '3']);
});

test('names the variables that are not set, unless a default stands in for them', () => {
  assert.deepEqual(expandText('$x ${y} ${z:-d} $a ${x}', lookup).unset, ['x', 'y']);
});

test('keeps unset variables as they are written, when asked to', () => {
  const keep = (text: string): string => expandText(text, lookup, { keepUnset: true }).value;
  assert.equal(keep('$x ${y} ${z:-d} ${z%.*} ${z/a/b} $file'), '$x ${y} ${z:-d} ${z%.*} ${z/a/b} foo.tar.gz');
});

test('in here-documents quotes are ordinary and escapes are not', () => {
  const expand = (text: string): string => expandText(text, lookup, { ignoreQuotes: true }).value;
  assert.equal(expand(`it's "$file" \\$file \\\\ 'x`), `it's "foo.tar.gz" $file \\ 'x`);
});

test('any text: never throws, and text without $, quotes and escapes stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { value, error } = expandText(text, lookup);
      assert.equal(typeof value, 'string');
      if (!/[$'"\\]/.test(text)) assert.deepEqual([value, error], [text, undefined]);
    }),
  );
});

test('any text in single quotes stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("'")),
      (text) => {
        assert.equal(expandText(`'${text}'`, lookup).value, text);
        assert.deepEqual(expandText(`'${text}'`, lookup).words, [text]);
      },
    ),
  );
});

test('a value goes in as it is: it is not read again', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(expandText('"${v}"', () => text).value, text);
    }),
  );
});

test('substitutions without end in each other', () => {
  assert.equal(expandText('${a:-'.repeat(100_000), lookup).error, 'substitutions are nested too deeply');
});
