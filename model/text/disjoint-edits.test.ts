import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { disjointEdits } from './disjoint-edits.ts';
import { type Span, spanOf } from './span.ts';

type Edit = { readonly span: Span };
const overlap = ({ span: a }: Edit, { span: b }: Edit): boolean => a.start < b.end && b.start < a.end;
const touch = ({ span: a }: Edit, { span: b }: Edit): boolean => a.start <= b.end && b.start <= a.end;

test('takes what a look at all of them would take, in the order of the text', () => {
  const edit = fc.tuple(fc.nat(12), fc.nat(4)).map(([start, length]) => ({ span: spanOf(start, start + length) }));
  fc.assert(
    fc.property(fc.array(edit), fc.constantFrom(overlap, touch), (all, collide) => {
      const quick = disjointEdits(collide);
      const accepted: Edit[] = [];
      for (const one of all) {
        const fits = !accepted.some((other) => collide(one, other));
        assert.equal(quick.fits(one), fits);
        if (fits) accepted.push(one);
        if (fits) quick.add(one);
      }
      const inOrder = accepted.toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
      assert.deepEqual(quick.edits, inOrder);
    }),
  );
});
