import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInteger, parseTime, parseTimeParameter } from './parse-time.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

test('seconds since the epoch, with a fraction', () => {
  assert.deepEqual(parseTime('1700000000', now), { seconds: 1_700_000_000, nanoseconds: 0 });
  assert.deepEqual(parseTime('1700000000.5', now), { seconds: 1_700_000_000, nanoseconds: 500_000_000 });
  assert.deepEqual(parseTime('1700000000.000000001', now), { seconds: 1_700_000_000, nanoseconds: 1 });
});

test('durations back from now', () => {
  assert.equal(parseTime('300s', now)?.seconds, now / 1000 - 300);
  assert.equal(parseTime('1h30m', now)?.seconds, now / 1000 - 5400);
  assert.deepEqual(parseTime('1500ms', now), { seconds: now / 1000 - 2, nanoseconds: 500_000_000 });
});

test('dates, whole or in part', () => {
  assert.deepEqual(parseTime('2026-01-02T03:04:05.25Z', now), {
    seconds: Date.parse('2026-01-02T03:04:05Z') / 1000,
    nanoseconds: 250_000_000,
  });
  assert.equal(parseTime('2026-01-02T03:04:05+02:00', now)?.seconds, Date.parse('2026-01-02T01:04:05Z') / 1000);
  assert.equal(parseTime('2026-01-02T03:04', now)?.seconds, Date.parse('2026-01-02T03:04:00Z') / 1000);
  assert.equal(parseTime('2026-01-02T03', now)?.seconds, Date.parse('2026-01-02T03:00:00Z') / 1000);
  assert.equal(parseTime('2026-01-02', now)?.seconds, Date.parse('2026-01-02T00:00:00Z') / 1000);
});

test('nothing, and nonsense', () => {
  for (const none of [null, '', '0']) assert.equal(parseTime(none, now), undefined);
  for (const bad of ['bogus', '2026-13-01', '5x', '-', '2026-01-02T25:00:00Z']) {
    assert.throws(() => parseTime(bad, now), {
      code: 'invalid',
      message: `failed to parse value as time or duration: ${JSON.stringify(bad)}`,
    });
  }
});

test('a query parameter is seconds, in Go’s words', () => {
  assert.deepEqual(parseTimeParameter('1700000000.5'), { seconds: 1_700_000_000, nanoseconds: 500_000_000 });
  assert.deepEqual(parseTimeParameter('1700000000.0000000015'), { seconds: 1_700_000_000, nanoseconds: 1 });
  for (const early of ['0', '-5.5']) assert.deepEqual(parseTimeParameter(early), { seconds: 0, nanoseconds: 0 });
  assert.deepEqual([parseTimeParameter(null), parseTimeParameter('')], [undefined, undefined]);
  for (const [text, wrong] of [
    ['1h', '1h'],
    ['2026-01-01', '2026-01-01'],
    ['5.x', 'x'],
    ['.5', ''],
    ['5.', ''],
  ] as const) {
    const message = `strconv.ParseInt: parsing ${JSON.stringify(wrong)}: invalid syntax`;
    assert.throws(() => parseTimeParameter(text), { code: 'internal', message });
  }
});

test('whole numbers as Go has them', () => {
  assert.deepEqual([parseInteger('-7', 'Atoi'), parseInteger('+7', 'Atoi')], [-7, 7]);
  const message = 'strconv.Atoi: parsing "9223372036854775808": value out of range';
  assert.throws(() => parseInteger('9223372036854775808', 'Atoi'), { code: 'internal', message });
});
