import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastStarting } from './sorted.ts';

test('finds what a search from the end finds', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(22), (numbers, offset) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      assert.equal(
        lastStarting(sorted, offset, (number) => number),
        sorted.findLastIndex((number) => number <= offset),
      );
    }),
  );
});
