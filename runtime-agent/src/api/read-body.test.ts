import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { readBody, stringMap } from './read-body.ts';

const Body = v.object({
  Name: v.exactOptional(v.string()),
  List: v.exactOptional(v.array(v.object({ A: v.string() }))),
});
const read = (body: unknown) => readBody({ json: () => Promise.resolve(body) }, Body);

test('nulls are absent fields, unknown fields are dropped', async () => {
  assert.deepEqual(await read({ Name: null, List: [{ A: 'x', B: null }], Other: 1 }), { List: [{ A: 'x' }] });
});

test('a field of the wrong type is named', async () => {
  await assert.rejects(read({ Name: 5 }), /^EngineError: invalid JSON: Name: expected string, received 5$/);
  await assert.rejects(read({ List: [{ A: 'x' }, { A: [] }] }), /List\.1\.A: expected string, received Array/);
  await assert.rejects(read([]), /invalid JSON: body: expected Object, received Array/);
});

test('an object of strings is no list', async () => {
  const schema = v.object({ Labels: v.exactOptional(stringMap) });
  const labels = (Labels: unknown) => readBody({ json: () => Promise.resolve({ Labels }) }, schema);
  assert.deepEqual(await labels({ a: 'b' }), { Labels: { a: 'b' } });
  await assert.rejects(labels(['a']), /invalid JSON: Labels: expected /);
  await assert.rejects(labels({ a: 5 }), /invalid JSON: Labels\.a: expected string, received 5/);
});
