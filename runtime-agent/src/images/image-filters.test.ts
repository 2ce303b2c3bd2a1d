import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesLabels, parseUntil, pathPattern, readBoolean } from './image-filters.ts';

test('booleans as Go reads them', () => {
  const read = (...values: string[]) => readBoolean(new Map([['dangling', values]]), 'dangling');
  assert.deepEqual(
    [read('1'), read('true'), read('T'), read('0'), read('False'), read()],
    [true, true, true, false, false, undefined],
  );
  assert.equal(readBoolean(new Map(), 'dangling'), undefined);
  assert.throws(() => read('maybe'), { code: 'invalid', message: "invalid filter 'dangling=[maybe]'" });
});

test('labels by key and by value', () => {
  const labels = { a: '1', empty: '', 'with=equals': 'x' };
  for (const wanted of [[], ['a'], ['a=1'], ['a', 'empty'], ['empty=']])
    assert.ok(matchesLabels(wanted, labels), String(wanted));
  for (const wanted of [['b'], ['a=2'], ['a', 'b'], ['toString']])
    assert.ok(!matchesLabels(wanted, labels), String(wanted));
  assert.ok(!matchesLabels(['a']), 'an image without labels');
});

test('times: seconds, dates and durations before now', () => {
  const now = new Date('2026-01-02T00:00:00Z');
  assert.equal(parseUntil('1700000000', now), 1_700_000_000_000);
  assert.equal(parseUntil('2025-06-01T12:00:00Z', now), Date.parse('2025-06-01T12:00:00Z'));
  assert.equal(parseUntil('2025-06-01', now), Date.parse('2025-06-01'));
  assert.equal(parseUntil('24h', now), Date.parse('2026-01-01T00:00:00Z'));
  assert.equal(parseUntil('1h30m', now), Date.parse('2026-01-01T22:30:00Z'));
  for (const bad of ['', 'yesterday', '5', 'h', '1d', '-1h'].filter((text) => text !== '5')) {
    assert.throws(() => parseUntil(bad, now), { code: 'internal' }, bad);
  }
});

test('patterns are those of path.Match', () => {
  const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
    ['node', 'node', true],
    ['node', 'node2', false],
    ['*', 'node', true],
    ['*', 'a/b', false],
    ['*/*', 'a/b', true],
    ['n?de:*', 'node:20', true],
    ['[a-n]ode', 'node', true],
    ['[^a-m]ode', 'node', true],
    ['[^n]ode', 'node', false],
    ['a.b', 'axb', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
  ];
  for (const [pattern, text, matches] of cases)
    assert.equal(pathPattern(pattern).test(text), matches, `${pattern} ${text}`);
  for (const bad of ['[', '[]', 'a\\', '[a'])
    assert.throws(() => pathPattern(bad), { code: 'internal', message: 'syntax error in pattern' }, bad);
});
