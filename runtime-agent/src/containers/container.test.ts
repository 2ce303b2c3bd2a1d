import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventLog } from '../events/event-log.ts';
import {
  announce,
  createContainer,
  createRun,
  holdLog,
  isRunning,
  nextMoment,
  onceUnread,
  tellWaiters,
  type Waiter,
} from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { createLock } from './lock.ts';
import { sampleRecord } from './record.sample.ts';
import { containerHostname, sandboxRequest } from './sandbox-request.ts';
import { publishVolumes } from './volume-events.ts';

test('a lock takes work one after the other, and goes on after a failure', async () => {
  const lock = createLock();
  const order: string[] = [];
  const work = (name: string, ms: number) => async (): Promise<string> => {
    order.push(`${name} begins`);
    await sleep(ms);
    order.push(`${name} ends`);
    if (name === 'b') throw new Error('b');
    return name;
  };
  const results = await Promise.allSettled([lock.run(work('a', 20)), lock.run(work('b', 1)), lock.run(work('c', 1))]);
  assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('moments are told to those who wait, once', async () => {
  const container = createContainer(sampleRecord({}));
  let told = 0;
  const waiting = nextMoment(container, 'ended').then(() => told++);
  announce(container, 'begun');
  await Promise.resolve();
  assert.equal(told, 0);
  announce(container, 'ended');
  announce(container, 'ended');
  await waiting;
  assert.equal(told, 1);
});

test('waiters hear of the conditions they wait for', () => {
  const container = createContainer(sampleRecord({}));
  const heard: string[] = [];
  for (const condition of ['not-running', 'next-exit', 'removed'] as const) {
    const waiter: Waiter = { condition, resolve: (code) => heard.push(`${condition} ${code}`) };
    container.waiters.add(waiter);
  }
  tellWaiters(container, ['not-running', 'next-exit'], 7);
  tellWaiters(container, ['not-running', 'next-exit', 'removed'], 8);
  assert.deepEqual(heard, ['not-running 7', 'next-exit 7', 'removed 8']);
});

test('what has to wait for readers of the log waits for all of them', () => {
  const container = createContainer(sampleRecord({}));
  let done = 0;
  onceUnread(container, () => done++);
  assert.equal(done, 1, 'at once without readers');
  const [one, two] = [holdLog(container), holdLog(container)];
  onceUnread(container, () => done++);
  one[Symbol.dispose]();
  assert.equal(done, 1);
  two[Symbol.dispose]();
  assert.equal(done, 2);
});

test('a run tells of its exit and of its settlement', async () => {
  const run = createRun();
  run.reportExit({ id: 'x', code: 3, at: 0 });
  run.reportSettled();
  assert.equal((await run.exited).code, 3);
  await run.settled;
  const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;
  const running = states.filter((status) => isRunning(createContainer(sampleRecord({ status }))));
  assert.deepEqual(running, ['running', 'paused']);
});

test('events carry labels, image and name; volumes are told of at start and stop', () => {
  const events = createEventLog();
  const record = sampleRecord(
    {},
    {
      config: { Image: 'img', Labels: { name: 'label', l: '1' } },
      mounts: [
        {
          type: 'volume',
          name: 'v',
          source: '/s',
          destination: '/d',
          driver: 'local',
          mode: '',
          rw: false,
          propagation: '',
        },
        { type: 'bind', source: '/s', destination: '/b', mode: '', rw: true, propagation: 'rprivate' },
      ],
    },
  );
  const context = { events } as ContainerContext;
  publish(context, createContainer(record), 'die', { exitCode: '0' });
  publishVolumes(context, record, 'mount');
  publishVolumes(context, record, 'unmount');
  assert.deepEqual(
    events.remembered().map(({ Type, Action, Actor }) => [Type, Action, Actor.Attributes]),
    [
      ['container', 'die', { name: 'sample', l: '1', image: 'img', exitCode: '0' }],
      [
        'volume',
        'mount',
        { container: record.id, destination: '/d', driver: 'local', propagation: '', 'read/write': 'false' },
      ],
      ['volume', 'unmount', { container: record.id, driver: 'local' }],
    ],
  );
});

test('what a container wants of the network', () => {
  const request = sandboxRequest(
    sampleRecord(
      {},
      {
        config: { ExposedPorts: { '80/tcp': {} }, Domainname: 'dom' },
        hostConfig: {
          NetworkMode: 'mine',
          PortBindings: { '80/tcp': null },
          Dns: ['1.1.1.1'],
          ExtraHosts: ['a:1.2.3.4'],
        },
        endpoints: { mine: { Aliases: ['x'] } },
      },
    ),
  );
  assert.deepEqual(
    [
      request.mode,
      request.endpoints,
      request.exposedPorts,
      request.portBindings,
      request.dns,
      request.extraHosts,
      request.domainname,
    ],
    ['mine', { mine: { Aliases: ['x'] } }, ['80/tcp'], { '80/tcp': null }, ['1.1.1.1'], ['a:1.2.3.4'], 'dom'],
  );
  assert.equal(sandboxRequest(sampleRecord({}, { config: { NetworkDisabled: true } })).mode, 'none');
});

test('the name that processes see', () => {
  assert.equal(containerHostname(sampleRecord({})), 'a'.repeat(12));
  assert.equal(containerHostname(sampleRecord({}, { config: { Hostname: 'box' } })), 'box');
  assert.notEqual(containerHostname(sampleRecord({}, { hostConfig: { NetworkMode: 'host' } })), 'a'.repeat(12));
});
