import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryPolicy } from './delivery-policy.ts';

const waits = (driver: string, options: Record<string, string> = {}): number[] =>
  [1, 2, 3, 4, 5, 20].map(deliveryPolicy(driver, options).waitMs);

test('pauses: our own, gelf’s always the same, fluentd’s as its library’s', () => {
  assert.deepEqual(waits('syslog'), [100, 200, 400, 800, 1600, 10_000]);
  assert.deepEqual(waits('gelf', { 'gelf-tcp-reconnect-delay': '2' }), [2000, 2000, 2000, 2000, 2000, 2000]);
  assert.deepEqual(waits('gelf', { 'gelf-tcp-reconnect-delay': '0' })[0], 10);
  assert.deepEqual(waits('fluentd'), [10, 1000, 1000, 2000, 3000, 60_000]);
  assert.deepEqual(waits('fluentd', { 'fluentd-retry-wait': '10ms' }), [10, 10, 10, 20, 30, 14_770]);
  assert.deepEqual(waits('fluentd', { 'fluentd-retry-wait': '0s' })[1], 500);
});

test('attempts', () => {
  assert.equal(deliveryPolicy('syslog', {}).attempts, Infinity);
  assert.equal(deliveryPolicy('fluentd', {}).attempts, Infinity);
  assert.equal(deliveryPolicy('fluentd', { 'fluentd-max-retries': '3' }).attempts, 3);
  assert.equal(deliveryPolicy('fluentd', { 'fluentd-max-retries': '0' }).attempts, 13);
  assert.equal(deliveryPolicy('gelf', { 'gelf-tcp-max-reconnect': '0' }).attempts, 1);
});

test('buffers', () => {
  const buffer = (driver: string, options: Record<string, string>) => deliveryPolicy(driver, options).buffer;
  assert.equal(buffer('syslog', { mode: 'blocking' }), undefined);
  assert.equal(buffer('fluentd', { 'fluentd-buffer-limit': '5' }), undefined);
  assert.deepEqual(buffer('syslog', { mode: 'non-blocking' }), { events: Infinity, bytes: 1e6 });
  assert.deepEqual(buffer('syslog', { mode: 'non-blocking', 'max-buffer-size': '4k' }), {
    events: Infinity,
    bytes: 4096,
  });
  assert.deepEqual(buffer('fluentd', { 'fluentd-async': 'true' }), { events: 1_048_576, bytes: Infinity });
  assert.deepEqual(buffer('fluentd', { 'fluentd-async': '1', 'fluentd-buffer-limit': '5' }), {
    events: 5,
    bytes: Infinity,
  });
});
