import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { contains, formatSubnet, parseAddress } from './address.ts';
import { defaultLink, hostMtu, hostSubnets, parseIpv6Routes, parseRoutes } from './host-subnets.ts';

test('IPv4 routes of the kernel, without the default route', () => {
  const text = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    '',
  ].join('\n');
  assert.deepEqual(parseRoutes(text).map(formatSubnet), ['192.0.2.0/24', '172.17.0.0/16']);
  assert.deepEqual(parseRoutes(text, new Set(['docker0'])).map(formatSubnet), ['192.0.2.0/24']);
  assert.deepEqual(parseRoutes(''), []);
  assert.equal(defaultLink(text), 'eth0');
  assert.equal(defaultLink(''), undefined);
});

test('containers get the host’s MTU when it is the smaller', async () => {
  const mtu = await hostMtu();
  assert.ok(mtu >= 1280 && mtu <= 1500, String(mtu));
});

test('IPv6 routes of the kernel, without default and multicast routes', () => {
  const zero = '00000000000000000000000000000000';
  const rest = `${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`;
  const text = [
    `fd000000000000000000000000000000 40 ${rest}`,
    `${zero} 00 ${rest}`,
    `ff000000000000000000000000000000 08 ${rest}`,
    `fd020000000000000000000000000001 80 ${rest.replace('eth0', 'lo')}`,
    '',
  ].join('\n');
  assert.deepEqual(parseIpv6Routes(text).map(formatSubnet), ['fd00::/64']);
  assert.deepEqual(parseIpv6Routes(text, new Set(['eth0'])), []);
});

test('this machine’s own addresses are inside its subnets', async () => {
  const subnets = await hostSubnets();
  for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
    const parsed = parseAddress(address);
    assert.ok(parsed && subnets.some((subnet) => contains(subnet, parsed)), address);
  }
  const links = Object.keys(networkInterfaces());
  const others = new Set((await hostSubnets(links)).map(formatSubnet));
  assert.ok(!others.has('127.0.0.0/8'), 'without the interfaces, not their subnets either');
});
