import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { NetworkCreateRequest } from '#model/engine-api/types.ts';
import { formatAddress, parseCidr, type Subnet } from './address.ts';
import type { NetworkRecord } from './network-record.ts';
import { planNetwork, spaceOf, type Surroundings } from './network-request.ts';

const ID = 'ab'.repeat(32);
const subnet = (text: string): Subnet => {
  const parsed = parseCidr(text);
  assert.ok(parsed);
  return parsed.subnet;
};
const around = (existing: readonly NetworkRecord[] = [], hosts: readonly string[] = []): Surroundings => ({
  existing,
  hostSubnets: hosts.map(subnet),
  seed: 'seed',
  newId: ID,
  now: '2026-01-01T00:00:00.000Z',
  mtu: 1400,
});
const plan = (request: Partial<NetworkCreateRequest>, surroundings = around()): NetworkRecord =>
  planNetwork({ Name: 'net', ...request }, surroundings);
const config = (...entries: object[]): Partial<NetworkCreateRequest> => ({ IPAM: { Config: entries } });

test('a network of which nothing is said', () => {
  const record = plan({});
  assert.equal(record.driver, 'bridge');
  assert.equal(record.bridge, 'br-abababababab');
  assert.deepEqual(record.shown, [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }]);
  assert.equal(record.mtu, 1400);
  assert.equal(plan({ Options: { 'com.docker.network.driver.mtu': '9000' } }).mtu, 9000);
  assert.deepEqual([record.enableIPv4, record.enableIPv6, record.internal], [true, false, false]);
});

test('subnets of the host and of other networks are left alone', () => {
  const first = plan({}, around([], ['172.17.5.0/24']));
  assert.equal(first.subnets[0]?.subnet, '172.18.0.0/16');
  const second = plan({}, around([{ ...first, name: 'first' }], ['172.17.5.0/24']));
  assert.equal(second.subnets[0]?.subnet, '172.19.0.0/16');
});

test('what was configured is shown as it was written; the gateway is chosen when it was not', () => {
  const entry = { Subnet: '10.7.0.0/24', IPRange: '10.7.0.128/25', AuxiliaryAddresses: { a: '10.7.0.129' } };
  const record = plan(config(entry));
  assert.deepEqual(record.shown, [entry]);
  const [recorded] = record.subnets;
  assert.ok(recorded);
  assert.equal(recorded.gateway, '10.7.0.128');
  assert.equal(recorded.configured, true);
  const space = spaceOf(recorded);
  const given = space.allocate();
  assert.equal(given && formatAddress(given), '10.7.0.130');
});

test('what cannot be is refused in Docker’s words', () => {
  const refused = (asked: Partial<NetworkCreateRequest>, code: string, message: string | RegExp): void =>
    assert.throws(() => plan(asked), { code, message }, JSON.stringify(asked));
  const subnet = (entry: object) => config({ Subnet: '10.7.0.0/24', ...entry });
  const list = (problem: string): string => `invalid network config:\n${problem}`;
  refused(subnet({ Gateway: 'fd00::1' }), 'invalid', list('invalid gateway fd00::1: parent subnet is an IPv4 block'));
  refused(
    subnet({ IPRange: 'fd00::/64' }),
    'invalid',
    list('invalid ip-range fd00::/64: parent subnet is an IPv4 block'),
  );
  const bigger = 'invalid ip-range 10.7.0.0/16: CIDR block is bigger than its parent subnet 10.7.0.0/24';
  refused(subnet({ IPRange: '10.7.0.0/16' }), 'invalid', list(bigger));
  refused(config({ Subnet: '10.7.0.0/024' }), 'invalid', /invalid CIDR block notation$/);
  const taken = 'failed to allocate secondary ip address (a:10.7.0.1): Address already in use';
  refused(subnet({ AuxiliaryAddresses: { a: '10.7.0.1' } }), 'internal', taken);
  const multicast = "multicast subnet 'ff00::1/64' is not allowed";
  refused({ EnableIPv6: true, ...config({ Subnet: 'ff00::/64' }) }, 'invalid', multicast);
  refused({ Driver: 'default' }, 'not-found', 'plugin "default" not found');
  refused({ ConfigOnly: true, Attachable: true }, 'forbidden', /^configuration network can only contain/);
  const option = 'com.docker.network.enable_ipv4';
  refused({ Options: { [option]: 'x' } }, 'invalid', `driver-opt "${option}" is not a valid bool`);
  refused({ Options: { [option]: 'false' } }, 'invalid', 'IPv4 or IPv6 must be enabled');
  const host = 'com.docker.network.host_ipv4';
  refused({ Options: { [host]: 'x' } }, 'invalid', `failed to parse ${host} value: x (nil ip)`);
});

test('IPv6: by its own, by option, alone, configured', () => {
  const both = plan({ EnableIPv6: true });
  assert.deepEqual(
    both.subnets.map(({ family }) => family),
    [4, 6],
  );
  assert.match(both.subnets[1]?.subnet ?? '', /^fd.*::\/64$/);
  assert.ok(plan({ Options: { 'com.docker.network.enable_ipv6': 'true' } }).enableIPv6);
  const alone = plan({ EnableIPv4: false, EnableIPv6: true });
  assert.deepEqual(
    alone.subnets.map(({ family }) => family),
    [6],
  );
  const six = plan({ EnableIPv6: true, ...config({ Subnet: 'fd12:3456::/64' }) });
  assert.deepEqual(
    six.shown?.map(({ Subnet }) => Subnet),
    ['fd12:3456::/64', '172.17.0.0/16'],
  );
  assert.equal(six.subnets[1]?.gateway, 'fd12:3456::1');
});

test('configuration-only networks, and networks made of them', () => {
  const source = plan({ ConfigOnly: true, Labels: { a: 'b' }, ...config({ Subnet: '10.3.8.0/24' }) });
  assert.deepEqual([source.driver, source.bridge, source.subnets], ['null', '', []]);
  const made = plan({ ConfigFrom: { Network: 'source' } }, around([{ ...source, name: 'source' }]));
  assert.equal(made.subnets[0]?.subnet, '10.3.8.0/24');
  assert.equal(made.configFrom, 'source');
  assert.deepEqual(made.labels, { a: 'b' });
});

const refusals: [string, Partial<NetworkCreateRequest>, string, RegExp][] = [
  ['no name', { Name: '' }, 'invalid', /^invalid name: name is empty$/],
  ['predefined', { Name: 'bridge' }, 'forbidden', /^operation is not permitted on predefined bridge network $/],
  ['second host', { Driver: 'host' }, 'forbidden', /^only one instance of "host" network is allowed$/],
  ['no driver', { Driver: 'foo' }, 'not-found', /^plugin "foo" not found$/],
  ['no ipam driver', { IPAM: { Driver: 'foo' } }, 'not-found', /^plugin "foo" not found$/],
  ['not yet', { Driver: 'macvlan' }, 'not-implemented', /^network driver "macvlan" is not supported yet/],
  ['overlay', { Driver: 'overlay' }, 'forbidden', /^This node is not a swarm manager/],
  ['swarm', { Scope: 'swarm' }, 'forbidden', /^cannot create a swarm scoped network when swarm is not active$/],
  ['ingress', { Ingress: true }, 'forbidden', /^Ingress network can only be global scope network$/],
  ['no family', { EnableIPv4: false }, 'invalid', /^IPv4 or IPv6 must be enabled$/],
  ['no source', { ConfigFrom: { Network: 'nonex' } }, 'not-found', /^configuration network "nonex" does not exist$/],
  [
    'no CIDR',
    config({ Subnet: '172.18.0.0' }),
    'invalid',
    /^invalid network config:\ninvalid subnet 172\.18\.0\.0: invalid CIDR block notation$/,
  ],
  [
    'host bits',
    config({ Subnet: '10.7.0.5/24' }),
    'invalid',
    /^invalid network config:\ninvalid subnet 10\.7\.0\.5\/24: it should be 10\.7\.0\.0\/24$/,
  ],
  [
    'gateway elsewhere',
    config({ Subnet: '10.7.0.0/24', Gateway: '10.8.0.1' }),
    'invalid',
    /\ninvalid gateway 10\.8\.0\.1: parent subnet 10\.7\.0\.0\/24 doesn't contain this address$/,
  ],
  [
    'several problems',
    config({ Subnet: '10.7.0.0/24', Gateway: 'zz', IPRange: '10.8.0.0/25' }),
    'invalid',
    /\n\* invalid ip-range 10\.8\.0\.0\/25: parent subnet 10\.7\.0\.0\/24 doesn't contain ip-range\n\* invalid gateway zz: /,
  ],
  [
    'auxiliary elsewhere',
    config({ Subnet: '10.7.0.0/24', AuxiliaryAddresses: { a: '10.9.0.1' } }),
    'invalid',
    /\ninvalid auxiliary address a: parent subnet 10\.7\.0\.0\/24 doesn't contain this address$/,
  ],
  [
    'gateway is the network',
    config({ Subnet: '10.3.1.0/24', Gateway: '10.3.1.0' }),
    'internal',
    /^failed to allocate gateway \(10\.3\.1\.0\): Address already in use$/,
  ],
  [
    'auxiliary is the gateway',
    config({ Subnet: '10.3.1.0/24', Gateway: '10.3.1.1', AuxiliaryAddresses: { a: '10.3.1.1' } }),
    'internal',
    /^failed to allocate secondary ip address \(a:10\.3\.1\.1\): Address already in use$/,
  ],
  [
    'two subnets',
    config({ Subnet: '10.3.0.0/24' }, { Subnet: '10.4.0.0/24' }),
    'forbidden',
    /^bridge driver doesn't support multiple subnets$/,
  ],
  [
    'boolean option',
    { Options: { 'com.docker.network.bridge.enable_icc': 'maybe' } },
    'invalid',
    /^failed to parse com\.docker\.network\.bridge\.enable_icc value: maybe \(strconv\.ParseBool: parsing "maybe": /,
  ],
  [
    'number option',
    { Options: { 'com.docker.network.driver.mtu': 'x' } },
    'invalid',
    /^failed to parse com\.docker\.network\.driver\.mtu value: x \(strconv\.Atoi: parsing "x": invalid syntax\)$/,
  ],
  [
    'number below nothing',
    { Options: { 'com.docker.network.driver.mtu': '-1' } },
    'invalid',
    /^invalid MTU number: -1$/,
  ],
  [
    'address option',
    { Options: { 'com.docker.network.bridge.host_binding_ipv4': 'zz' } },
    'invalid',
    /host_binding_ipv4 value: zz \(nil ip\)$/,
  ],
  ['long bridge', { Options: { 'com.docker.network.bridge.name': 'a'.repeat(16) } }, 'invalid', /^invalid bridge name/],
  ['bridge with a quote', { Options: { 'com.docker.network.bridge.name': 'a"b' } }, 'invalid', /^invalid bridge name/],
];

for (const [what, request, code, words] of refusals) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => plan(request),
      (error) => error instanceof EngineError && error.code === code && words.test(error.message),
    );
  });
}

test('refused: what another network has', () => {
  const other = { ...plan(config({ Subnet: '10.7.0.0/16' })), name: 'other', id: 'cd'.repeat(32), bridge: 'shared' };
  const surroundings = around([other]);
  assert.throws(() => plan({ Name: 'other' }, surroundings), /^EngineError: network with name other already exists$/);
  assert.throws(() => plan(config({ Subnet: '10.7.3.0/24' }), surroundings), /Pool overlaps with other one on this/);
  const request = { Options: { 'com.docker.network.bridge.name': 'shared' } };
  assert.throws(() => plan(request, surroundings), /networks have same bridge name$/);
});

test('refused: a subnet when all are taken', () => {
  const everywhere = around([], ['172.16.0.0/12', '192.168.0.0/16']);
  assert.throws(() => plan({}, everywhere), /all predefined address pools have been fully subnetted/);
});
