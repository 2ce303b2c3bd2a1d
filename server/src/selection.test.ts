import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nestedSpans } from './selection.ts';

test('each span holds the one before it, whatever the candidates are', () => {
  const span = fc.tuple(fc.nat(20), fc.nat(20)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
  fc.assert(
    fc.property(fc.array(span), fc.nat(20), (candidates, offset) => {
      const found = nestedSpans(candidates, offset);
      for (const [i, { start, end }] of found.entries()) {
        assert.ok(start <= offset && offset <= end);
        const inner = found[i - 1];
        if (inner !== undefined)
          assert.ok(start <= inner.start && end >= inner.end && end - start > inner.end - inner.start);
      }
    }),
  );
  const spans = [
    { start: 0, end: 9 },
    { start: 2, end: 4 },
    { start: 2, end: 4 },
    { start: 3, end: 6 },
  ];
  assert.deepEqual(nestedSpans(spans, 3), [
    { start: 2, end: 4 },
    { start: 0, end: 9 },
  ]);
});
