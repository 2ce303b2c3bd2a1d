import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContainer } from './container.ts';
import type { ContainerState } from './record.ts';
import { humanDuration, statusText } from './status-text.ts';
import { sampleRecord } from './record.sample.ts';

test('durations as Docker says them', () => {
  const cases: readonly (readonly [seconds: number, text: string])[] = [
    [0.4, 'Less than a second'],
    [1, '1 second'],
    [45, '45 seconds'],
    [60, 'About a minute'],
    [185, '3 minutes'],
    [3600, 'About an hour'],
    [3600 * 5, '5 hours'],
    [3600 * 24 * 3, '3 days'],
    [3600 * 24 * 21, '3 weeks'],
    [3600 * 24 * 90, '3 months'],
    [3600 * 24 * 800, '2 years'],
  ];
  for (const [seconds, text] of cases) assert.equal(humanDuration(seconds * 1000), text);
});

test('STATUS of docker ps in every state', () => {
  const now = Date.parse('2026-01-01T01:00:00Z');
  const said = (state: Partial<ContainerState>): string => {
    const record = sampleRecord({});
    const times = { startedAt: '2026-01-01T00:50:00Z', finishedAt: '2026-01-01T00:55:00Z' };
    return statusText(createContainer({ ...record, state: { ...record.state, ...times, ...state } }), now);
  };
  assert.equal(said({ status: 'created' }), 'Created');
  assert.equal(said({ status: 'running' }), 'Up 10 minutes');
  assert.equal(said({ status: 'paused' }), 'Up 10 minutes (Paused)');
  assert.equal(said({ status: 'restarting', exitCode: 2 }), 'Restarting (2) 5 minutes ago');
  assert.equal(said({ status: 'exited', exitCode: 137 }), 'Exited (137) 5 minutes ago');
  assert.equal(said({ status: 'removing' }), 'Removal In Progress');
  assert.equal(said({ status: 'dead' }), 'Dead');
});

test('health is part of it', () => {
  const container = createContainer(sampleRecord({ status: 'running', startedAt: '2026-01-01T00:59:30Z' }));
  const monitor = { failingStreak: 0, log: [], stop: () => {} };
  const now = Date.parse('2026-01-01T01:00:00Z');
  container.health = { ...monitor, status: 'starting' };
  assert.equal(statusText(container, now), 'Up 30 seconds (health: starting)');
  container.health = { ...monitor, status: 'unhealthy' };
  assert.equal(statusText(container, now), 'Up 30 seconds (unhealthy)');
});
