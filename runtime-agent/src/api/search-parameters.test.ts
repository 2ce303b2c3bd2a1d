import assert from 'node:assert/strict';
import { test } from 'node:test';
import { searchParameters } from './search-parameters.ts';

const result = { name: 'x', description: '', star_count: 3, is_official: true, is_automated: false };
const accepts = (filters: Record<string, string[]>): boolean =>
  searchParameters('', new Map(Object.entries(filters))).accepts(result);

test('the limit', () => {
  assert.equal(searchParameters('', new Map()).limit, 25);
  assert.equal(searchParameters('100', new Map()).limit, 100);
  const refused = (text: string, message: string): void =>
    assert.throws(() => searchParameters(text, new Map()), { code: 'invalid', message });
  for (const text of ['0', '-1', '101']) refused(text, `limit ${text} is outside the range of [1, 100]`);
  refused('x', 'invalid limit specified: strconv.Atoi: parsing "x": invalid syntax');
});

test('the filters', () => {
  assert.equal(accepts({}), true);
  assert.equal(accepts({ 'is-official': ['true'] }), true);
  assert.equal(accepts({ 'is-official': ['0'] }), false);
  assert.equal(accepts({ stars: ['1', '3'] }), true);
  assert.equal(accepts({ stars: ['1', '4'] }), false);
  assert.equal(accepts({ 'is-automated': ['false'] }), true);
  assert.equal(searchParameters('', new Map([['is-automated', ['true']]])).nothing, true);
  const refused = (name: string, value: string, message: string): void =>
    assert.throws(() => searchParameters('', new Map([[name, [value]]])), { code: 'invalid', message });
  refused('frob', 'x', "invalid filter 'frob'");
  refused('stars', 'x', `invalid filter 'stars=x': strconv.Atoi: parsing "x": invalid syntax`);
  refused('is-official', 'x', "invalid filter 'is-official=[x]'");
});
