import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { readBody } from './read-body.ts';

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
