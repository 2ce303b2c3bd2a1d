import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import type { ContainerContext } from './context.ts';
import { linkEnvironment, parseLink, resolveLinks } from './links.ts';
import { sampleRecord } from './record.sample.ts';
import { sandboxRequest } from './sandbox-request.ts';
import { openContainerStore } from './store.ts';

const db = sampleRecord(
  { status: 'running' },
  {
    id: 'd'.repeat(64),
    name: 'db',
    config: { Env: ['PATH=/bin', 'PASS=x'], ExposedPorts: { '5432/tcp': {}, '53/udp': {} } },
    network: { Networks: { bridge: { IPAddress: '172.17.0.9' } } },
  },
);
const web = sampleRecord(
  {},
  { name: 'web', hostConfig: { NetworkMode: 'bridge', Links: ['db:store'] }, endpoints: { bridge: {} } },
);

function context(): ContainerContext {
  const store = openContainerStore(openDatabase(':memory:'));
  store.add(db);
  return { store } as ContainerContext;
}

test('links in all their spellings', () => {
  assert.deepEqual(parseLink('db:store'), { name: 'db', alias: 'store' });
  assert.deepEqual(parseLink('db'), { name: 'db', alias: 'db' });
  assert.deepEqual(parseLink('/db:/web/store'), { name: 'db', alias: 'store' });
});

test('a link to nobody is refused', () => {
  const bad = { ...web, hostConfig: { ...web.hostConfig, Links: ['nobody:x'] } };
  assert.throws(() => resolveLinks(context(), bad), {
    code: 'invalid',
    message: 'could not get container for nobody: No such container: nobody',
  });
});

test('variables tell of the linked container on the default bridge only', () => {
  assert.deepEqual(linkEnvironment(context(), web), [
    'STORE_PORT=udp://172.17.0.9:53',
    'STORE_PORT_53_UDP=udp://172.17.0.9:53',
    'STORE_PORT_53_UDP_ADDR=172.17.0.9',
    'STORE_PORT_53_UDP_PORT=53',
    'STORE_PORT_53_UDP_PROTO=udp',
    'STORE_PORT_5432_TCP=tcp://172.17.0.9:5432',
    'STORE_PORT_5432_TCP_ADDR=172.17.0.9',
    'STORE_PORT_5432_TCP_PORT=5432',
    'STORE_PORT_5432_TCP_PROTO=tcp',
    'STORE_NAME=/web/store',
    'STORE_ENV_PASS=x',
  ]);
  assert.deepEqual(linkEnvironment(context(), { ...web, hostConfig: { ...web.hostConfig, NetworkMode: 'mine' } }), []);
});

test('the network hears of links', () => {
  assert.deepEqual(sandboxRequest(web).endpoints['bridge']?.Links, ['db:store']);
});
