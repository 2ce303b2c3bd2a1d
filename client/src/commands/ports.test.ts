import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSummary } from '#model/engine-api/types.ts';
import { fakeUi, type FakeUi } from '../views/fake-ui.ts';
import { fakeEngine } from './fake-engine.ts';
import { portCommands } from './ports.ts';

const web = { key: 'c', kind: 'container', hostId: 'local', id: 'c1', label: 'web', icon: '', context: 'container' };

async function open(ui: FakeUi, exposed: string[], published: Record<string, string | undefined>): Promise<void> {
  const bindings = Object.entries(published).map(([name, HostPort]) => [
    name,
    HostPort === undefined ? null : [{ HostIp: '0.0.0.0', HostPort }],
  ]);
  const inspected = {
    Config: { ExposedPorts: Object.fromEntries(exposed.map((name) => [name, {}])) },
    NetworkSettings: { Ports: Object.fromEntries(bindings) },
  };
  const containers = [{ Id: 'c1', Names: ['/web'], State: 'running' } as ContainerSummary];
  const engine = await fakeEngine(ui, {
    snapshot: { containers },
    answers: { 'GET /containers/c1/json': inspected, 'GET /version': { Platform: { Name: 'Slipway' } } },
  });
  await portCommands[0]?.handler(engine.deps, web);
  await engine.deps.ports[Symbol.asyncDispose]();
}

test('the one published port of this machine is opened as it is', async () => {
  const ui = fakeUi();
  await open(ui, [], { '80/tcp': '8080' });
  assert.deepEqual(ui.shown, ['open: http://127.0.0.1:8080/']);
});

test('of several one is picked; UDP is not for browsers; what is not published goes through a tunnel', async () => {
  const ui = fakeUi('9229');
  await open(ui, ['9229/tcp', '53/udp'], { '80/tcp': '8080', '9229/tcp': undefined });
  assert.equal(ui.shown[0], 'pick: Open web in Browser: 80, 9229, Another port…');
  assert.match(ui.shown[1] ?? '', /^open: http:\/\/127\.0\.0\.1:\d+\/$/);
});

test('without any a port is asked for, and checked', async () => {
  const ui = fakeUi('3000');
  await open(ui, [], {});
  assert.match(ui.shown.join(), /^ask: Open web in Browser,open: http:\/\/127\.0\.0\.1:\d+\/$/);
  await assert.rejects(open(fakeUi('70000'), [], {}), /A number from 1 to 65535/);
  const left = fakeUi(undefined);
  await open(left, [], {});
  assert.equal(left.shown.length, 1);
});
