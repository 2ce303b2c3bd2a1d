import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson } from './parse-json.ts';

test('what is no JSON is refused in the words of Go', () => {
  const refused = (text: string, message: string): void =>
    assert.throws(() => parseJson(text), { code: 'invalid', message }, text);
  refused('{"Image":', 'invalid JSON: unexpected EOF');
  refused('{', 'invalid JSON: unexpected EOF');
  refused('{} {}', 'unexpected content after JSON');
  refused('x', "invalid JSON: invalid character 'x' looking for beginning of value");
  refused('{"a":["}"],}', "invalid JSON: invalid character '}' looking for beginning of object key string");
  refused('{"a":["\\"{",]}', "invalid JSON: invalid character ']' looking for beginning of value");
  refused('\ufeff{}', "invalid JSON: invalid character '\\ufeff' looking for beginning of value");
  refused('{x', "invalid JSON: invalid character 'x' looking for beginning of object key string");
  refused('{"a": ?}', "invalid JSON: invalid character '?' looking for beginning of value");
});

test('JSON is read', () => {
  assert.deepEqual(parseJson(' {"a": [1, null]} '), { a: [1, null] });
  assert.equal(parseJson('null'), null);
});
