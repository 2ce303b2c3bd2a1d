import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allVariables, interpolationsIn } from './interpolation.ts';

function read(text: string): { variables: unknown[]; bad: string[] } {
  const { variables, bad } = interpolationsIn(text, 0, text.length);
  return {
    variables: [...allVariables(variables)].map(({ name, span, nameSpan, modifier, word }) => {
      assert.equal(text.slice(nameSpan.start, nameSpan.end), name);
      return modifier === undefined
        ? text.slice(span.start, span.end)
        : [text.slice(span.start, span.end), modifier, word];
    }),
    bad: bad.map(({ start, end }) => text.slice(start, end)),
  };
}

test('all forms', () => {
  assert.deepEqual(read('$A/${B}:${C:-x} ${D-} ${E:?no E} ${F?f} ${G:+g} ${H+h}'), {
    variables: [
      '$A',
      '${B}',
      ['${C:-x}', ':-', 'x'],
      ['${D-}', '-', ''],
      ['${E:?no E}', ':?', 'no E'],
      ['${F?f}', '?', 'f'],
      ['${G:+g}', ':+', 'g'],
      ['${H+h}', '+', 'h'],
    ],
    bad: [],
  });
});

test('defaults with variables in them', () => {
  assert.deepEqual(read('${A:-${B:-$C}/x}').variables, [
    ['${A:-${B:-$C}/x}', ':-', '${B:-$C}/x'],
    ['${B:-$C}', ':-', '$C'],
    '$C',
  ]);
});

test('escaped and lone dollar signs', () => {
  assert.deepEqual(read('$$A $${B} $ 5$ $1'), { variables: [], bad: [] });
});

test('what is not valid', () => {
  assert.deepEqual(read('${A').bad, ['${A']);
  assert.deepEqual(read('${} ${1} ${A!b} x').bad, ['${}', '${1}', '${A!b}']);
  assert.deepEqual(read('${A:-${}}').bad, ['${}']);
});

test('any text is read to its end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', ' ')), (parts) => {
      const text = parts.join('');
      for (const { span } of allVariables(interpolationsIn(text, 0, text.length).variables))
        assert.ok(span.end <= text.length);
    }),
  );
});
