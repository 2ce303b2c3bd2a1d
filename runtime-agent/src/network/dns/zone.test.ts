import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkRecord } from '../network-record.ts';
import type { EndpointState, SandboxState } from '../sandbox-state.ts';
import { zoneFor } from './zone.ts';

const network = (name: string): NetworkRecord =>
  ({ id: `id-${name}`, name, driver: 'bridge', subnets: [], internal: false }) as unknown as NetworkRecord;
const [bridge, net, other] = [network('bridge'), network('net'), network('other.example')];

function endpoint(on: NetworkRecord, address: string, more: Partial<EndpointState> = {}): EndpointState {
  const ipv4 = { address, bits: 16, gateway: '' };
  return { network: on, wishes: {}, ipv4, ipv6: undefined, ...more } as EndpointState;
}

function sandbox(name: string, ...endpoints: EndpointState[]): SandboxState {
  const request = { containerId: `${name}-${'0'.repeat(64)}`, containerName: name, hostname: `${name}-host` };
  return { request, endpoints } as unknown as SandboxState;
}

const web = sandbox(
  'web',
  endpoint(net, '172.18.0.2', { wishes: { Aliases: ['API'] } }),
  endpoint(bridge, '172.17.0.2'),
);
const twin = sandbox(
  'twin',
  endpoint(net, '172.18.0.3', {
    wishes: { Aliases: ['api'] },
    ipv6: { address: 'fd00::3', bits: 64, gateway: '' },
  }),
);
const far = sandbox('far', endpoint(other, '172.19.0.2'));
const all = [web, twin, far];
const linking = sandbox('linking', endpoint(net, '172.18.0.4', { wishes: { Links: ['/web:db', 'twin'] } }));

test('names of the networks that are shared', () => {
  const zone = zoneFor(twin, all);
  assert.deepEqual(zone.lookup('web'), ['172.18.0.2']);
  assert.deepEqual(zone.lookup('WEB.'), ['172.18.0.2']);
  assert.deepEqual(zone.lookup('web.net'), ['172.18.0.2']);
  assert.deepEqual(zone.lookup('web-host'), ['172.18.0.2']);
  assert.deepEqual(zone.lookup('api'), ['172.18.0.2', '172.18.0.3', 'fd00::3']);
  assert.equal(zone.lookup('far'), undefined);
  assert.equal(zone.lookup('web.elsewhere'), undefined);
  assert.equal(zone.lookup('net'), undefined);
  assert.equal(zone.lookup(''), undefined);
});

test('a network’s name may have dots', () => {
  assert.deepEqual(zoneFor(far, all).lookup('far.other.example'), ['172.19.0.2']);
});

test('the default network has no names', () => {
  const onBridge = sandbox('lonely', endpoint(bridge, '172.17.0.9'));
  assert.equal(zoneFor(onBridge, [...all, onBridge]).lookup('web'), undefined);
  assert.equal(zoneFor(onBridge, [...all, onBridge]).reverse('172.17.0.2'), undefined);
});

test('links are names for the linking container', () => {
  assert.deepEqual(zoneFor(linking, [...all, linking]).lookup('db'), ['172.18.0.2']);
  assert.deepEqual(zoneFor(linking, [...all, linking]).lookup('twin'), ['172.18.0.3', 'fd00::3']);
  assert.equal(zoneFor(twin, [...all, linking]).lookup('db'), undefined);
});

test('addresses have the container’s name on the shared network', () => {
  const zone = zoneFor(twin, all);
  assert.equal(zone.reverse('172.18.0.2'), 'web.net');
  assert.equal(zone.reverse('fd00:0::3'), 'twin.net');
  assert.equal(zone.reverse('172.19.0.2'), undefined);
  assert.equal(zone.reverse('zz'), undefined);
});
