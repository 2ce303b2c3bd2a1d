import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitCsv } from './csv-line.ts';

test('splits at commas that are not in quotes', () => {
  assert.deepEqual(splitCsv('type=bind,source=a,target=b'), ['type=bind', 'source=a', 'target=b']);
  assert.deepEqual(splitCsv('"source=a,b",target=c'), ['source=a,b', 'target=c']);
  assert.deepEqual(splitCsv('"say ""hi""",x'), ['say "hi"', 'x']);
  assert.deepEqual(splitCsv('a"b,c'), ['a"b', 'c'], 'a quote inside a field is an ordinary character');
  assert.deepEqual(splitCsv(''), ['']);
  assert.deepEqual(splitCsv('a,'), ['a', '']);
});

test('quoted fields come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
      assert.deepEqual(splitCsv(fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')), fields);
    }),
  );
});
