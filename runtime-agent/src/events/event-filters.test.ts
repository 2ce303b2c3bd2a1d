import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileEventFilters } from './event-filters.ts';
import { createEventLog } from './event-log.ts';

function matching(filters: Readonly<Record<string, readonly string[]>>): string[] {
  const log = createEventLog();
  log.publish('container', 'start', 'abc123', { name: 'web', image: 'nginx:1', tier: 'front' });
  log.publish('container', 'exec_create: ls -l', 'abc123', { name: 'web', image: 'nginx:1' });
  log.publish('container', 'health_status: healthy', 'def', { name: 'db', image: 'pg' });
  log.publish('image', 'pull', 'nginx:1', { name: 'nginx:1' });
  log.publish('network', 'connect', 'net1', { name: 'bridge', container: 'abc123' });
  const matches = compileEventFilters(new Map(Object.entries(filters)));
  return log
    .remembered()
    .filter(matches)
    .map(({ Action }) => Action);
}

test('each filter of docker events', () => {
  assert.equal(matching({}).length, 5);
  assert.deepEqual(matching({ type: ['image', 'network'] }), ['pull', 'connect']);
  assert.deepEqual(matching({ event: ['start', 'exec_create'] }), ['start', 'exec_create: ls -l']);
  assert.deepEqual(matching({ event: ['health_status'] }), ['health_status: healthy']);
  assert.deepEqual(matching({ event: ['health_status: healthy'] }), ['health_status: healthy']);
  assert.deepEqual(matching({ container: ['db'] }), ['health_status: healthy']);
  assert.deepEqual(matching({ container: ['abc'], event: ['start'] }), ['start']);
  assert.deepEqual(matching({ image: ['nginx'] }), ['start', 'exec_create: ls -l', 'pull']);
  assert.deepEqual(matching({ network: ['bridge'] }), ['connect']);
  assert.deepEqual(matching({ label: ['tier=front'] }), ['start']);
  assert.deepEqual(matching({ label: ['tier=back'] }), []);
  assert.deepEqual(matching({ scope: ['swarm'] }), []);
  assert.deepEqual(matching({ node: ['x'] }), []);
  assert.equal(matching({ unknown: ['x'] }).length, 5, 'as dockerd');
});

test('events carry the older names for clients that read them', () => {
  const log = createEventLog(() => 1_700_000_000_123);
  log.publish('container', 'start', 'abc', { image: 'nginx' });
  log.publish('image', 'tag', 'sha256:1');
  log.publish('volume', 'create', 'v');
  const [container, image, volume] = log.remembered();
  assert.deepEqual(container, {
    status: 'start',
    id: 'abc',
    from: 'nginx',
    Type: 'container',
    Action: 'start',
    Actor: { ID: 'abc', Attributes: { image: 'nginx' } },
    scope: 'local',
    time: 1_700_000_000,
    timeNano: 1_700_000_000_123_000_000,
  });
  assert.deepEqual([image?.status, image?.from], ['tag', undefined]);
  assert.equal(volume?.status, undefined);
});

test('listeners hear until they leave; only the newest events are remembered', () => {
  const log = createEventLog();
  const heard: string[] = [];
  const leave = log.subscribe(({ Action }) => heard.push(Action));
  log.publish('volume', 'one', 'v');
  leave();
  for (let i = 0; i < 2000; i++) log.publish('volume', String(i), 'v');
  assert.deepEqual(heard, ['one']);
  assert.deepEqual([log.remembered().length, log.remembered().at(-1)?.Action], [1024, '1999']);
});
