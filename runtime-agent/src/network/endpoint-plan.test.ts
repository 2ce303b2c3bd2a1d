import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { checkEndpoint, interfaceName, planEndpoint } from './endpoint-plan.ts';
import type { NetworkRecord } from './network-record.ts';
import { planNetwork, spaceOf } from './network-request.ts';
import type { EndpointState } from './sandbox-state.ts';

const around = { existing: [], hostSubnets: [], seed: '', newId: 'ab'.repeat(32), now: '', mtu: 1500 };
const configured = planNetwork(
  { Name: 'net', EnableIPv6: true, IPAM: { Config: [{ Subnet: '10.7.0.0/29' }, { Subnet: 'fd07::/64' }] } },
  around,
);
const automatic = planNetwork({ Name: 'auto' }, around);
const standard: NetworkRecord = { ...automatic, name: 'bridge' };

const plan = (network: NetworkRecord, wishes: EndpointSettings, spaces = network.subnets.map(spaceOf)) =>
  planEndpoint({ network, wishes, spaces, ifname: 'eth0' });

test('addresses of all families of the network, and a link-layer address made of the IPv4 one', () => {
  const { ipv4, ipv6, mac, endpointId, veth } = plan(configured, {});
  assert.deepEqual(ipv4, { address: '10.7.0.2', bits: 29, gateway: '10.7.0.1' });
  assert.deepEqual(ipv6, { address: 'fd07::2', bits: 64, gateway: 'fd07::1' });
  assert.equal(mac, '02:42:0a:07:00:02');
  assert.match(endpointId, /^[0-9a-f]{64}$/);
  assert.match(veth, /^veth[0-9a-f]{7}$/);
});

test('what was asked for is given; an internal network leads nowhere', () => {
  const wishes = { MacAddress: '02-00-00-00-00-AA', IPAMConfig: { IPv4Address: '10.7.0.5', IPv6Address: 'fd07::99' } };
  const { ipv4, ipv6, mac } = plan({ ...configured, internal: true }, wishes);
  assert.deepEqual([ipv4?.address, ipv6?.address, mac], ['10.7.0.5', 'fd07::99', '02:00:00:00:00:aa']);
  assert.equal(ipv4?.gateway, '');
});

test('an address that is taken; a network that is full; nothing stays taken', () => {
  const spaces = configured.subnets.map(spaceOf);
  plan(configured, { IPAMConfig: { IPv4Address: '10.7.0.2' } }, spaces);
  const again = { IPAMConfig: { IPv4Address: '10.7.0.2' } };
  assert.throws(() => plan(configured, again, spaces), /^EngineError: Address already in use$/);
  const taken6 = { IPAMConfig: { IPv6Address: 'fd07::1' } };
  assert.throws(() => plan(configured, taken6, spaces), /Address already in use/);
  for (let i = 3; i <= 6; i++) assert.equal(plan(configured, {}, spaces).ipv4?.address, `10.7.0.${i}`);
  assert.throws(
    () => plan(configured, {}, spaces),
    /no available IPv4 addresses on this network's address pools: net \(/,
  );
});

const rows: [string, NetworkRecord, EndpointSettings, RegExp][] = [
  [
    'an alias on the default network',
    standard,
    { Aliases: ['x'] },
    /^invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks$/,
  ],
  [
    'an address on the default network',
    standard,
    { IPAMConfig: { IPv4Address: '172.17.0.77' } },
    /:\nuser specified IP address is supported on user defined networks only$/,
  ],
  [
    'an address where the engine chose the subnet',
    automatic,
    { IPAMConfig: { IPv4Address: '172.17.0.9' } },
    /:\nuser specified IP address is supported only when connecting to networks with user configured subnets$/,
  ],
  [
    'an address elsewhere',
    configured,
    { IPAMConfig: { IPv4Address: '10.9.0.9' } },
    /:\nno configured subnet or ip-range contain the IP address 10\.9\.0\.9$/,
  ],
  [
    'no address',
    configured,
    { IPAMConfig: { IPv4Address: 'zz' } },
    /:\n\* invalid IPv4 address: zz\n\* no configured subnet or ip-range contain the IP address zz$/,
  ],
  ['no link-layer address', configured, { MacAddress: 'zz' }, /^invalid MAC address zz$/],
];
for (const [what, network, wishes, words] of rows) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => checkEndpoint(network, wishes),
      (error) => error instanceof EngineError && error.code === 'invalid' && words.test(error.message),
    );
    assert.throws(
      () => checkEndpoint(network, wishes, 'invalid config for network net: '),
      /invalid config for network net: /,
    );
  });
}

test('accepted: what the network can give', () => {
  checkEndpoint(standard, {});
  checkEndpoint(configured, {
    Aliases: ['x'],
    IPAMConfig: { IPv4Address: '10.7.0.5' },
    MacAddress: '02:00:00:00:00:aa',
  });
});

test('interface names: the wished one, else the first free number', () => {
  const present = ['eth0', 'eth2'].map((ifname) => ({ ifname }) as EndpointState);
  const wish = (name: string) => ({ DriverOpts: { 'com.docker.network.endpoint.ifname': name } });
  assert.equal(interfaceName({}, []), 'eth0');
  assert.equal(interfaceName({}, present), 'eth1');
  assert.equal(interfaceName(wish('lan.5'), present), 'lan.5');
  for (const bad of ['lo', 'eth2', 'a b', 'a/b', 'x'.repeat(16)]) {
    assert.throws(() => interfaceName(wish(bad), present), /^EngineError: invalid interface name/, bad);
  }
});
