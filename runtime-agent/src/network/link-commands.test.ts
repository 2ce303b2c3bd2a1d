import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attach, configure, type EndpointLink, makeBridge, makePair, route } from './link-commands.ts';

const link: EndpointLink = {
  bridge: 'br-a',
  veth: 'veth1',
  ifname: 'eth0',
  mac: '02:42:ac:12:00:02',
  ipv4: '172.18.0.2/16',
  ipv6: undefined,
  mtu: 1500,
  isolated: false,
  hairpin: false,
};

test('a bridge: its address and mark first, up last; link-local only with IPv6', () => {
  const spec = { name: 'br-a', mtu: 1400, mac: '02:42:ac:12:00:01', alias: 'slipway' };
  assert.deepEqual(makeBridge({ ...spec, addresses: ['172.18.0.1/16'] }), [
    'link add name br-a address 02:42:ac:12:00:01 type bridge',
    'link set dev br-a alias slipway',
    'link set dev br-a addrgenmode none',
    'link set dev br-a mtu 1400',
    'address add 172.18.0.1/16 dev br-a',
    'link set dev br-a up',
  ]);
  const both = makeBridge({ ...spec, mtu: 1500, addresses: ['172.18.0.1/16', 'fd00::1/64'] });
  assert.ok(both.includes('address add fe80::1/64 dev br-a nodad'));
  assert.ok(both.includes('address add fd00::1/64 dev br-a nodad'));
});

test('the host’s side of an endpoint', () => {
  assert.deepEqual(attach(link), [
    'link set dev veth1 addrgenmode none',
    'link set dev veth1 mtu 1500',
    'link set dev veth1 master br-a up',
  ]);
  const flags = attach({ ...link, hairpin: true, isolated: true }).at(-1);
  assert.equal(flags, 'link set dev veth1 type bridge_slave hairpin on isolated on');
  assert.equal(makePair(link, '/run/ns'), 'link add veth1 type veth peer name eth0 netns /run/ns');
});

test('the container’s side of an endpoint', () => {
  assert.deepEqual(configure({ ...link, ipv6: 'fd00::2/64', mtu: 1400 }), [
    'link set dev eth0 address 02:42:ac:12:00:02',
    'link set dev eth0 mtu 1400',
    'address add 172.18.0.2/16 broadcast + dev eth0',
    'address add fd00::2/64 dev eth0 nodad',
    'link set dev eth0 up',
  ]);
  assert.equal(
    route({ family: 4, gateway: '172.18.0.1', ifname: 'eth0' }),
    'route replace 0.0.0.0/0 via 172.18.0.1 dev eth0',
  );
  assert.equal(route({ family: 6, gateway: 'fd00::1', ifname: 'eth0' }), 'route replace ::/0 via fd00::1 dev eth0');
});
