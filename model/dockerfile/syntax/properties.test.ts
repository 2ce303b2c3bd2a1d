import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '#model/text/span.ts';
import { parseDockerfile } from './parse.ts';
import { propertiesOf } from './properties.ts';

function properties(text: string): unknown[] {
  const [instruction] = parseDockerfile(text).instructions;
  assert.ok(instruction);
  return propertiesOf(instruction, '\\').map(({ name, value, valueSpan, legacy }) => {
    if (valueSpan !== undefined) assert.equal(textOf(text, valueSpan), value);
    return legacy ? [name, value, 'legacy'] : [name, value];
  });
}

test('names and values as written', () => {
  assert.deepEqual(properties('ENV a=1 b="x y" c=d\\ e "f"='), [
    ['a', '1'],
    ['b', '"x y"'],
    ['c', 'd\\ e'],
    ['f', ''],
  ]);
  assert.deepEqual(properties('ARG a b=c'), [
    ['a', undefined],
    ['b', 'c'],
  ]);
});

test('the old form takes the rest of the line', () => {
  assert.deepEqual(properties('ENV name  a b=c'), [['name', 'a b=c', 'legacy']]);
  assert.deepEqual(properties('LABEL name'), [['name', undefined, 'legacy']]);
  assert.deepEqual(properties('RUN a=b'), []);
});
