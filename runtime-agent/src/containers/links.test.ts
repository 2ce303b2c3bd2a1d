import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import type { ContainerContext } from './context.ts';
import { linkEnvironment, linkNames, movedLink, parseLink, resolveLinks } from './links.ts';
import type { ContainerRecord } from './record.ts';
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
  {
    name: 'web',
    hostConfig: { NetworkMode: 'bridge', Links: ['db:store'] },
    endpoints: { bridge: {} },
    links: [{ target: 'd'.repeat(64), alias: 'store' }],
  },
);

function context(change: Partial<ContainerRecord> = {}): ContainerContext {
  const store = openContainerStore(openDatabase(':memory:'));
  store.add({ ...db, ...change });
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
    'STORE_PORT=tcp://172.17.0.9:5432',
    'STORE_PORT_5432_TCP=tcp://172.17.0.9:5432',
    'STORE_PORT_5432_TCP_ADDR=172.17.0.9',
    'STORE_PORT_5432_TCP_PORT=5432',
    'STORE_PORT_5432_TCP_PROTO=tcp',
    'STORE_PORT_53_UDP=udp://172.17.0.9:53',
    'STORE_PORT_53_UDP_ADDR=172.17.0.9',
    'STORE_PORT_53_UDP_PORT=53',
    'STORE_PORT_53_UDP_PROTO=udp',
    'STORE_NAME=/web/store',
    'STORE_ENV_PASS=x',
  ]);
  assert.deepEqual(linkEnvironment(context(), { ...web, hostConfig: { ...web.hostConfig, NetworkMode: 'mine' } }), []);
});

test('ports in a row have variables of their range, too', () => {
  const config = { ExposedPorts: { '82/tcp': {}, '80/tcp': {}, '81/tcp': {}, '90/tcp': {} } };
  const found = linkEnvironment(context({ config }), web).filter((entry) => /_(?:START|END)=/.test(entry));
  assert.deepEqual(found, [
    'STORE_PORT_80_TCP_START=tcp://172.17.0.9:80',
    'STORE_PORT_80_TCP_PORT_START=80',
    'STORE_PORT_80_TCP_END=tcp://172.17.0.9:82',
    'STORE_PORT_80_TCP_PORT_END=82',
  ]);
});

test('on a network of the user a link is a name of that network: it may lead to nobody yet', () => {
  const own = { ...web, hostConfig: { NetworkMode: 'mine', Links: ['nobody:x'] } };
  assert.deepEqual(resolveLinks(context(), own), []);
});

test('a link leads to whose network the named container has, and to none with the host’s', () => {
  const joined = context({ hostConfig: { NetworkMode: `container:${'e'.repeat(64)}` } });
  joined.store.add(sampleRecord({}, { id: 'e'.repeat(64), name: 'owner' }));
  assert.deepEqual(resolveLinks(joined, web), [{ target: 'e'.repeat(64), alias: 'store' }]);
  assert.throws(() => resolveLinks(context({ hostConfig: { NetworkMode: 'host' } }), web), /host type networking/);
});

test('a container is found by the name that a link gives it, and listed by it', () => {
  const { store } = context();
  store.add(web);
  assert.equal(store.find('web/store').id, db.id);
  assert.deepEqual([...linkNames(store.all())], [[db.id, ['/web/store']]]);
});

test('the line of a link follows its container', () => {
  const hosts = '127.0.0.1\tlocalhost\n172.17.0.2\tdb abc\n172.17.0.2\tdb2 abc\n';
  assert.equal(movedLink(hosts, 'db', '172.17.0.9'), hosts.replace('172.17.0.2\tdb ', '172.17.0.9\tdb '));
});

test('the network hears of links by id: a container may be renamed', () => {
  assert.deepEqual(sandboxRequest(web).endpoints['bridge']?.Links, [`${db.id}:store`]);
});
