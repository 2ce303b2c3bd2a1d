import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendHosts, type HostsFileInput, parseExtraHost, renderHosts } from './hosts-file.ts';

const plain: HostsFileInput = {
  hostname: 'hh',
  domainname: '',
  extraHosts: [],
  gateways: ['172.18.0.1'],
  addresses: ['172.18.0.2'],
  links: [],
};
const LOCAL = `127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::	ip6-localnet
ff00::	ip6-mcastprefix
ff02::1	ip6-allnodes
ff02::2	ip6-allrouters
`;

test('the file is dockerd 28’s', () => {
  const text = renderHosts({
    ...plain,
    domainname: 'dd.ex',
    extraHosts: ['foo:host-gateway', 'bar:1.2.3.4', 'six:fd00::1', 'boxed=[fd00::2]'],
  });
  assert.equal(text, `${LOCAL}172.18.0.1	foo\n1.2.3.4	bar\nfd00::1	six\nfd00::2	boxed\n172.18.0.2	hh.dd.ex hh\n`);
});

test('a host name of several parts has its first one beside it', () => {
  assert.match(renderHosts({ ...plain, hostname: 'a.b.ex' }), /^172\.18\.0\.2\ta\.b\.ex a$/m);
});

test('without a network only the local lines', () => {
  assert.equal(renderHosts({ ...plain, addresses: [] }), LOCAL);
});

test('each network’s address gets its line; links come before', () => {
  const text = renderHosts({
    ...plain,
    addresses: ['172.18.0.2', 'fd00::2', '10.7.0.5'],
    links: [{ address: '172.18.0.9', names: ['db', 'abc', 'db'] }],
  });
  assert.equal(text, `${LOCAL}172.18.0.9	db abc\n172.18.0.2	hh\nfd00::2	hh\n10.7.0.5	hh\n`);
});

test('the host’s file is kept as it is, with extra hosts at its end', () => {
  assert.equal(appendHosts('127.0.0.1 localhost', [], []), '127.0.0.1 localhost');
  assert.equal(appendHosts('127.0.0.1 localhost', ['a:1.2.3.4'], []), '127.0.0.1 localhost\n1.2.3.4	a\n');
  assert.equal(appendHosts('x y\n', ['a:host-gateway'], ['172.17.0.1']), 'x y\n172.17.0.1	a\n');
});

test('extra hosts are name and address', () => {
  assert.deepEqual(parseExtraHost('a:b'), { name: 'a', address: 'b' });
  assert.deepEqual(parseExtraHost('a b:1.2.3.4'), { name: 'a b', address: '1.2.3.4' });
  for (const bad of ['bad', ':1.2.3.4', 'a:', 'a\nb:1.2.3.4', 'a:1.2.3.4 '])
    assert.equal(parseExtraHost(bad), undefined, bad);
});
