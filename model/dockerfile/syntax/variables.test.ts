import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { badPartsIn, readWord, variablesIn } from './variables.ts';

function names(text: string, escape = '\\'): string[] {
  return [...variablesIn(readWord(text, 0, text.length, escape))].map(({ name, start, end, nameStart }) => {
    assert.equal(text.slice(nameStart, nameStart + name.length), name);
    return text.slice(start, end);
  });
}

test('finds variables in all forms', () => {
  assert.deepEqual(names('$a/${b}-${c:-x}$1$@ $'), ['$a', '${b}', '${c:-x}', '$1', '$@']);
});

test('variables inside the words of modifiers count too', () => {
  assert.deepEqual(names('${a:-$b}${c+"${d}"}'), ['${a:-$b}', '$b', '${c+"${d}"}', '${d}']);
});

test('single quotes and escapes switch variables off', () => {
  assert.deepEqual(names(`'$a' "$b" \\$c`), ['$b']);
  assert.deepEqual(names('`$a \\$b', '`'), ['$b']);
});

test('bad substitutions say why', () => {
  const reasons = (text: string): string[] =>
    [...badPartsIn(readWord(text, 0, text.length, '\\'))].map((p) => p.reason);
  assert.deepEqual(reasons('${'), ['bad substitution: a variable name is expected after ${']);
  assert.deepEqual(reasons('${a'), ['missing } at the end of the substitution']);
  assert.deepEqual(reasons('${a:x}'), ['unsupported modifier (:x) in substitution']);
  assert.deepEqual(reasons('${a:-${b^}}'), ['unsupported modifier (^) in substitution']);
  assert.deepEqual(reasons('${a##*/}${b%%.*}${c//x/y}'), []);
});

test('any text is read to its end', () => {
  const pieces = fc.constantFrom('$', '{', '}', 'a', ':-', '"', "'", '\\', ' ', '/', '#');
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const text = parts.join('');
      for (const variable of variablesIn(readWord(text, 0, text.length, '\\'))) assert.ok(variable.end <= text.length);
    }),
  );
});
