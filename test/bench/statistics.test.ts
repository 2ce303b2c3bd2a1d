import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarise } from './statistics.ts';

test('median and quartiles of odd and even counts, in whatever order they came', () => {
  assert.deepEqual(summarise([9, 1, 5]), { median: 5, lower: 3, upper: 7 });
  assert.deepEqual(summarise([4, 3, 2, 1]), { median: 2.5, lower: 1.75, upper: 3.25 });
  assert.deepEqual(summarise([7]), { median: 7, lower: 7, upper: 7 });
});
