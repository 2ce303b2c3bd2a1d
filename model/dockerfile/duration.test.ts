import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

test('durations as Go writes them, in nanoseconds', () => {
  const table: readonly (readonly [string, number])[] = [
    ['30s', 30e9],
    ['1m30s', 90e9],
    ['1.5h', 5400e9],
    ['.5s', 0.5e9],
    ['100ms', 100e6],
    ['7us', 7e3],
    ['7µs', 7e3],
    ['3ns', 3],
    ['-2ms', -2e6],
    ['+2ms', 2e6],
    ['0', 0],
    ['1h2m3s4ms', 3_723_004e6],
  ];
  for (const [text, expected] of table) assert.equal(parseDuration(text), expected, text);
});

test('anything else is none', () => {
  for (const text of ['', '5', 's', '1 s', '1d', '5s5', 'x5s', '1..5s'])
    assert.equal(parseDuration(text), undefined, text);
});
