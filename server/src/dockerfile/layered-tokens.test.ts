import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layered } from './layered-tokens.ts';

test('what stands inside cuts what stands around it', () => {
  const token = (start: number, end: number, type: 'string' | 'variable' | 'comment') => ({
    span: { start, end },
    type,
  });
  assert.deepEqual(layered([token(0, 9, 'string'), token(2, 4, 'variable'), token(6, 7, 'variable')]), [
    token(0, 2, 'string'),
    token(2, 4, 'variable'),
    token(4, 6, 'string'),
    token(6, 7, 'variable'),
    token(7, 9, 'string'),
  ]);
  assert.deepEqual(layered([token(0, 5, 'string'), token(3, 8, 'comment')]), [token(0, 5, 'string')]);
});

test('the result is in order and never overlaps', () => {
  const span = fc.tuple(fc.nat(30), fc.nat(8)).map(([start, length]) => ({ start, end: start + length }));
  fc.assert(
    fc.property(fc.array(fc.record({ span, type: fc.constantFrom('string', 'variable', 'comment') })), (tokens) => {
      const result = layered(tokens);
      for (const [i, { span: own }] of result.entries()) {
        assert.ok(own.start < own.end && own.start >= (result[i - 1]?.span.end ?? 0));
      }
    }),
  );
});
