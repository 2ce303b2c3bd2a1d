/** Expected times are those of BuildKit 0.25 for the same history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datedHistory } from './dated-history.ts';

const day = (number: number): string => `2026-01-0${number}T00:00:00Z`;

/** `3` is a layer of that day, 0 an instruction without a layer. */
function times(days: readonly number[], epoch?: string): (number | undefined)[] {
  const history = days.map((one) => ({ created_by: 'x', ...(one === 0 ? {} : { created: day(one) }) }));
  return datedHistory(history, epoch).map(({ created }) =>
    created === undefined ? undefined : Number(created.slice(8, 10)),
  );
}

test('instructions without a layer have the time of a layer', () => {
  assert.deepEqual(times([1, 0, 3, 0, 0, 5, 0]), [1, 3, 3, 3, 3, 5, 5], 'first the first new one, then the one before');
  assert.deepEqual(times([1, 0, 0]), [1, 1, 1], 'nothing but metadata on a base');
  assert.deepEqual(times([1, 2, 0]), [1, 2, 2]);
  assert.deepEqual(times([0, 3]), [3, 3]);
  assert.deepEqual(times([0, 0]), [undefined, undefined], 'nothing but metadata on scratch');
});

test('nothing is younger than the epoch', () => {
  assert.deepEqual(times([1, 0, 3, 0], day(2)), [1, 2, 2, 2]);
  assert.deepEqual(times([0], day(2)), [2]);
});
