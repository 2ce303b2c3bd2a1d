import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planNetwork } from './network-request.ts';
import type { SandboxRequest } from './networks.ts';
import { sandboxFiles } from './sandbox-files.ts';
import { showSettings } from './sandbox-settings.ts';
import {
  dnsNames,
  type EndpointState,
  firewallPorts,
  gatewayEndpoint,
  type SandboxState,
  targetOf,
} from './sandbox-state.ts';

const around = { existing: [], hostSubnets: [], seed: '', newId: 'ab'.repeat(32), now: '', mtu: 1500 };
const request = {
  containerId: '0123456789abcdef'.repeat(4),
  containerName: 'c1',
  hostname: 'host1',
  domainname: '',
  mode: 'net',
  exposedPorts: ['99/tcp'],
  portBindings: { '80/tcp': [{}] },
  publishAllPorts: false,
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  extraHosts: ['gw:host-gateway'],
} as unknown as SandboxRequest;

function endpoint(name: string, address: string, more: Partial<EndpointState> = {}): EndpointState {
  return {
    network: { ...planNetwork({ Name: 'x' }, around), name, id: `id-${name}` },
    endpointId: `ep-${name}`,
    wishes: {},
    ifname: 'eth0',
    veth: 'veth0',
    mac: '02:42:00:00:00:02',
    ipv4: { address, bits: 16, gateway: `${address.replace(/\.\d+$/, '')}.1` },
    ipv6: undefined,
    ...more,
  };
}
const six = { address: 'fd00::2', bits: 64, gateway: 'fd00::1' };
const port = { protocol: 'tcp', containerPort: 80, hostPort: 8080 } as const;
const state = (endpoints: EndpointState[], more: Partial<SandboxState> = {}): SandboxState => ({
  request,
  sandboxId: 'sb',
  netns: '/run/ns',
  endpoints,
  ports: [
    { ...port, hostIp: '0.0.0.0' },
    { ...port, hostIp: '::' },
  ],
  ...more,
});

test('the default network’s endpoint is also shown at the top, without names', () => {
  const shown = showSettings({ state: state([endpoint('bridge', '172.17.0.2')]), sandboxKey: '/run/ns' });
  assert.equal(shown.IPAddress, '172.17.0.2');
  assert.equal(shown.EndpointID, 'ep-bridge');
  assert.equal(shown.Networks?.['bridge']?.DNSNames, null);
  assert.equal(shown.SandboxKey, '/run/ns');
  assert.deepEqual(shown.Ports, {
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '99/tcp': null,
  });
});

test('a user-defined network’s is not, and has names', () => {
  const wishes = { Aliases: ['web'], GwPriority: 3 };
  const shown = showSettings({ state: state([endpoint('net', '172.18.0.2', { wishes, ipv6: six })]), sandboxKey: '' });
  assert.equal(shown.IPAddress, '');
  const own = shown.Networks?.['net'];
  assert.deepEqual(own?.DNSNames, ['c1', 'web', '0123456789ab', 'host1']);
  assert.deepEqual([own?.GlobalIPv6Address, own?.IPv6Gateway, own?.GwPriority], ['fd00::2', 'fd00::1', 3]);
});

test('without a network of its own', () => {
  const special = { name: 'host', id: 'id-host', endpointId: 'ep' };
  const shown = showSettings({ state: state([]), sandboxKey: '/run/default', special });
  assert.deepEqual(Object.keys(shown.Networks ?? {}), ['host']);
  assert.equal(shown.Networks?.['host']?.NetworkID, 'id-host');
  assert.deepEqual(shown.Ports, {});
});

test('names are not repeated', () => {
  assert.deepEqual(dnsNames(state([]), { Aliases: ['c1', 'host1', ''] }), ['c1', 'host1', '0123456789ab']);
});

test('the way out: highest priority, then the first by name; internal networks have none', () => {
  const inner = endpoint('aaa', '10.0.0.2', { ipv4: { address: '10.0.0.2', bits: 8, gateway: '' } });
  const [b, c] = [endpoint('b', '172.18.0.2'), endpoint('c', '172.19.0.2', { ipv6: six })];
  assert.equal(gatewayEndpoint([inner, c, b], 4), b);
  assert.equal(gatewayEndpoint([inner, c, b], 6), c);
  const first = { ...c, wishes: { GwPriority: 1 } };
  assert.equal(gatewayEndpoint([inner, b, first], 4), first);
  assert.equal(gatewayEndpoint([inner], 4), undefined);
});

test('the firewall redirects within a family; the engine carries the rest', () => {
  const four = endpoint('b', '172.18.0.2');
  assert.deepEqual(
    firewallPorts(state([four])).map(({ hostIp, targetIp }) => [hostIp, targetIp]),
    [['0.0.0.0', '172.18.0.2']],
  );
  assert.deepEqual(targetOf([four], { ...port, hostIp: '::' }), { address: '172.18.0.2', port: 80 });
  const both = endpoint('b', '172.18.0.2', { ipv6: six });
  assert.equal(firewallPorts(state([both])).length, 2);
  assert.deepEqual(firewallPorts(state([both], { ports: [{ ...port, hostIp: '::1' }] })), []);
  assert.deepEqual(firewallPorts(state([])), []);
});

const host = { hosts: '127.0.0.1 localhost\n', resolvConf: 'nameserver 127.0.0.53\nnameserver 192.0.2.1\n' };
const files = (one: SandboxState) => sandboxFiles({ state: one, host, fallbackGateway: '172.17.0.1', links: [] });

test('files: on the default network the host’s nameservers, on others the engine', () => {
  const standard = files(state([endpoint('bridge', '172.17.0.2')]));
  assert.match(standard.resolvConf, /^nameserver 192\.0\.2\.1$/m);
  assert.doesNotMatch(standard.resolvConf, /127\./);
  assert.match(standard.hosts, /^172\.17\.0\.1\tgw$/m);
  const own = files(state([endpoint('bridge', '172.17.0.2'), endpoint('net', '172.18.0.2')]));
  assert.match(own.resolvConf, /^nameserver 127\.0\.0\.11$/m);
  assert.match(own.hosts, /172\.17\.0\.2\thost1\n172\.18\.0\.2\thost1\n$/);
});

test('files: with the host’s network its own; without any, no address', () => {
  const shared = files(state([], { request: { ...request, mode: 'host' } }));
  assert.equal(shared.hosts, '127.0.0.1 localhost\n172.17.0.1\tgw\n');
  assert.match(shared.resolvConf, /^nameserver 127\.0\.0\.53$/m);
  assert.doesNotMatch(files(state([], { request: { ...request, mode: 'none' } })).hosts, /host1/);
});
