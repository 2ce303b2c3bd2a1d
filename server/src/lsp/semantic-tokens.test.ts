import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SemanticToken } from '../language.ts';
import { createPositions } from './positions.ts';
import { encodeTokens, tokenEdits } from './semantic-tokens.ts';

test('tokens are relative to one another, cut at line breaks, and counted in the client’s units', () => {
  const text = 'é x\r\nyy';
  const tokens: SemanticToken[] = [
    { span: { start: 2, end: 7 }, type: 'string' },
    { span: { start: 0, end: 1 }, type: 'keyword' },
  ];
  assert.deepEqual(
    encodeTokens(createPositions(text, 'utf-16'), tokens),
    [
      [0, 0, 1, 1, 0],
      [0, 2, 1, 5, 0],
      [1, 0, 2, 5, 0],
    ].flat(),
  );
  assert.deepEqual(encodeTokens(createPositions(text, 'utf-8'), tokens).slice(0, 8), [0, 0, 2, 1, 0, 0, 3, 1]);
});

test('edits make the old numbers the new ones', () => {
  const numbers = fc.array(fc.nat(3), { maxLength: 12 });
  fc.assert(
    fc.property(numbers, numbers, (before, after) => {
      const result = [...before];
      for (const { start, deleteCount, data } of tokenEdits(before, after)) {
        result.splice(start, deleteCount, ...(data ?? []));
      }
      assert.deepEqual(result, after);
    }),
  );
  assert.deepEqual(tokenEdits([1, 2], [1, 2]), []);
  assert.deepEqual(tokenEdits([1, 2, 3], [1, 9, 3]), [{ start: 1, deleteCount: 1, data: [9] }]);
});
