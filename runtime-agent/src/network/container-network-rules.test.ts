import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnect, checkDisconnect, checkRequest } from './container-network-rules.ts';
import type { NetworkRecord } from './network-record.ts';
import { planNetwork } from './network-request.ts';
import type { SandboxRequest } from './networks.ts';

const around = { existing: [], hostSubnets: [], seed: '', newId: 'ab'.repeat(32), now: '', mtu: 1500 };
const net = planNetwork({ Name: 'net' }, around);
const host: NetworkRecord = { ...net, name: 'host', id: 'h', driver: 'host' };
const none: NetworkRecord = { ...net, name: 'none', id: 'n', driver: 'null' };
const store = { has: (name: string) => name === 'net', find: () => net };
const request: SandboxRequest = {
  containerId: 'c',
  containerName: 'c1',
  hostname: 'c1',
  domainname: '',
  mode: 'net',
  endpoints: {},
  exposedPorts: [],
  portBindings: {},
  publishAllPorts: false,
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  extraHosts: [],
  sysctls: {},
};

test('a container may name a network that is not there yet', () => {
  checkRequest({ ...request, mode: 'later', endpoints: { later: { Aliases: ['x'] } } }, store);
  checkRequest({ ...request, extraHosts: ['a:1.2.3.4', 'b:host-gateway', 'c:::1'] }, store);
});

test('what can be seen to be wrong is refused at once', () => {
  assert.throws(
    () => checkRequest({ ...request, extraHosts: ['bad'] }, store),
    /^EngineError: bad format for add-host: "bad"$/,
  );
  const refused = {
    'a=1.2.3.4': 'bad format for add-host',
    'a:[::1]': 'invalid IP address in add-host',
    'a\nb:1.2.3.4': 'invalid host name in add-host',
  };
  for (const [entry, message] of Object.entries(refused)) {
    assert.throws(() => checkRequest({ ...request, extraHosts: [entry] }, store), new RegExp(message));
  }
  const ports = { '80/tcp': [{ HostPort: '99999' }] };
  assert.throws(() => checkRequest({ ...request, portBindings: ports }, store), /invalid port specification: "99999"/);
  const endpoints = { net: { IPAMConfig: { IPv4Address: '172.17.0.9' } } };
  assert.throws(
    () => checkRequest({ ...request, endpoints }, store),
    /^EngineError: invalid config for network net: invalid/,
  );
  checkRequest({ ...request, mode: 'container:other', endpoints }, store);
  const absent = { net: null } as unknown as SandboxRequest['endpoints'];
  assert.throws(() => checkRequest({ ...request, endpoints: absent }, store), /network net: EndpointsConfig is nil$/);
});

test('who may be connected', () => {
  checkConnect(request, net, {}, ['other']);
  const rows: [string, NetworkRecord, readonly string[], RegExp][] = [
    ['net', host, [], /^cannot connect container to host network/],
    ['net', none, [], /networks in private \(none\) mode$/],
    ['none', net, [], /networks in private \(none\) mode$/],
    ['host', net, [], /^container sharing network namespace with another container or host/],
    ['container:x', net, [], /^container sharing network namespace with another container or host/],
    ['net', net, [net.id], /^endpoint with name c1 already exists in network net$/],
  ];
  for (const [mode, network, joined, words] of rows) {
    assert.throws(
      () => checkConnect({ ...request, mode }, network, {}, joined),
      (error: Error) => words.test(error.message),
    );
  }
});

test('the host’s network cannot be left', () => {
  checkDisconnect(net);
  assert.throws(() => checkDisconnect(host), /^EngineError: cannot disconnect container from host network/);
});
