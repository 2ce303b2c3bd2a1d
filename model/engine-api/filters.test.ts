import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilters } from './filters.ts';

test('reads both of Docker’s encodings', () => {
  assert.deepEqual([...parseFilters('{"label":["a=b","c"]}')], [['label', ['a=b', 'c']]]);
  assert.deepEqual([...parseFilters('{"label":{"a=b":true,"c":false}}')], [['label', ['a=b']]]);
  assert.equal(parseFilters(null).size, 0);
  assert.equal(parseFilters('').size, 0);
  assert.equal(parseFilters('null').size, 0);
});

test('refuses what is not a map of lists', () => {
  for (const text of ['[', '[]', '3', '{"label":3}', '{"label":[1]}', '{"label":{"a":1}}']) {
    assert.throws(() => parseFilters(text), { code: 'invalid' }, text);
  }
});
