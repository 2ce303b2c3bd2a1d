import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostConfig } from '#model/engine-api/types.ts';
import { sampleRecord } from './record.sample.ts';
import { restartDelay, shouldRestart, startsWithEngine } from './restart-policy.ts';

type Policy = NonNullable<HostConfig['RestartPolicy']>;

const record = (RestartPolicy: Policy, manuallyStopped = false, restartCount = 0) =>
  sampleRecord({ manuallyStopped }, { hostConfig: { RestartPolicy }, restartCount });

test('policies after an exit', () => {
  assert.equal(shouldRestart(record({ Name: 'no' }), 1), false);
  assert.equal(shouldRestart(record({}), 1), false);
  assert.equal(shouldRestart(record({ Name: 'always' }), 0), true);
  assert.equal(shouldRestart(record({ Name: 'unless-stopped' }), 0), true);
  assert.equal(shouldRestart(record({ Name: 'on-failure' }), 0), false);
  assert.equal(shouldRestart(record({ Name: 'on-failure' }), 1), true);
  const counted: Policy = { Name: 'on-failure', MaximumRetryCount: 2 };
  assert.equal(shouldRestart(record(counted, false, 1), 1), true);
  assert.equal(shouldRestart(record(counted, false, 2), 1), false);
});

test('who was stopped by a person stays stopped', () => {
  for (const Name of ['always', 'unless-stopped', 'on-failure'] as const) {
    assert.equal(shouldRestart(record({ Name }, true), 1), false);
  }
});

test('the delay doubles up to a minute, and begins anew after a steady run', () => {
  const delays = [0];
  while (delays.length < 13) delays.push(restartDelay(delays.at(-1) ?? 0, 50));
  assert.deepEqual(delays.slice(1, 6), [100, 200, 400, 800, 1600]);
  assert.equal(delays.at(-1), 60_000);
  assert.equal(restartDelay(60_000, 10_000), 100);
});

test('what comes up with the engine', () => {
  assert.equal(startsWithEngine(record({ Name: 'always' }, true)), true);
  assert.equal(startsWithEngine(record({ Name: 'unless-stopped' }, true)), false);
  assert.equal(startsWithEngine(record({ Name: 'unless-stopped' })), true);
  assert.equal(startsWithEngine(record({ Name: 'on-failure' })), false);
  assert.equal(startsWithEngine(record({ Name: 'no' })), false);
});
