import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFilterNames, labelsMatch, parseGoBoolean, untilTime } from './filter-values.ts';

const filters = (record: Record<string, string[]>) => new Map(Object.entries(record));

test('unknown filters are named', () => {
  assert.throws(
    () => checkFilterNames(filters({ label: ['a'], foo: ['x'] }), ['label']),
    /^EngineError: invalid filter 'foo'$/,
  );
  checkFilterNames(filters({ label: ['a'] }), ['label']);
});

test('booleans are Go’s', () => {
  assert.deepEqual(['1', 't', 'TRUE', '0', 'False', 'yes', ''].map(parseGoBoolean), [
    true,
    true,
    true,
    false,
    false,
    undefined,
    undefined,
  ]);
});

test('labels: all of label, none of label!', () => {
  const labels = { a: 'b', empty: '', 'with=': 'x' };
  const rows: [Record<string, string[]>, boolean][] = [
    [{}, true],
    [{ label: ['a'] }, true],
    [{ label: ['a=b', 'empty='] }, true],
    [{ label: ['a=c'] }, false],
    [{ label: ['a', 'missing'] }, false],
    [{ label: ['toString'] }, false],
    [{ 'label!': ['a'] }, false],
    [{ 'label!': ['a=c', 'missing'] }, true],
  ];
  for (const [given, expected] of rows)
    assert.equal(labelsMatch(filters(given), labels), expected, JSON.stringify(given));
  assert.equal(labelsMatch(filters({ label: ['a'] }), null), false);
});

test('until: seconds, times and durations', () => {
  const now = Date.parse('2026-01-02T00:00:00Z');
  const until = (text: string) => untilTime(filters({ until: [text] }), now);
  assert.equal(until('24h'), Date.parse('2026-01-01T00:00:00Z'));
  assert.equal(until('1h30m'), now - 5_400_000);
  assert.equal(until('1767312000.5'), 1_767_312_000_500);
  assert.equal(until('2026-01-01'), Date.parse('2026-01-01'));
  assert.equal(untilTime(filters({}), now), undefined);
  assert.throws(() => until('xx'), /failed to parse value as time or duration: "xx"/);
  assert.throws(() => untilTime(filters({ until: ['1h', '2h'] }), now), /more than one until filter specified/);
});
