import assert from 'node:assert/strict';
import { SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { contains, formatAddress, formatSubnet, lastOf, overlaps, parseAddress, parseCidr, sizeOf } from './address.ts';

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

function subnet(text: string) {
  const parsed = parseCidr(text);
  assert.ok(parsed, text);
  return parsed.subnet;
}

test('addresses are read and written in their canonical form', () => {
  const rows = [
    ['172.17.0.2', '172.17.0.2'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['FD00::00a:1', 'fd00::a:1'],
    ['fe80:0:0:1::', 'fe80:0:0:1::'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ] as const;
  for (const [text, canonical] of rows) assert.equal(formatAddress(address(text)), canonical);
});

test('what is no address is refused', () => {
  for (const text of ['', 'zz', '1.2.3', '1.2.3.256', '01.2.3.4', 'fe80::1%eth0', '1::2::3', ':', '1.2.3.4/8']) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test('every IPv6 address survives writing and reading, as the platform writes it', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const written = formatAddress(address(text));
      assert.deepEqual(parseAddress(written), address(text));
      assert.deepEqual(parseAddress(new SocketAddress({ address: text, family: 'ipv6' }).address), address(text));
    }),
  );
});

test('subnets know their bounds', () => {
  assert.equal(formatSubnet(subnet('10.7.0.5/24')), '10.7.0.0/24');
  assert.equal(formatSubnet(subnet('fd12::1/64')), 'fd12::/64');
  assert.equal(formatSubnet(subnet('10.1.2.3/32')), '10.1.2.3/32');
  assert.equal(sizeOf(subnet('10.7.0.0/24')), 256n);
  assert.equal(formatAddress({ family: 4, value: lastOf(subnet('10.7.0.0/24')) }), '10.7.0.255');
  assert.equal(parseCidr('10.0.0.0/33'), undefined);
  assert.equal(parseCidr('10.0.0.0'), undefined);
  assert.equal(parseCidr('fd00::/129'), undefined);
});

test('containment and overlap', () => {
  assert.ok(contains(subnet('10.7.0.0/24'), address('10.7.0.255')));
  assert.ok(!contains(subnet('10.7.0.0/24'), address('10.7.1.0')));
  assert.ok(!contains(subnet('::/0'), address('10.7.1.0')));
  assert.ok(overlaps(subnet('172.16.0.0/12'), subnet('172.20.0.0/16')));
  assert.ok(overlaps(subnet('172.20.0.0/16'), subnet('0.0.0.0/0')));
  assert.ok(!overlaps(subnet('172.17.0.0/16'), subnet('172.18.0.0/16')));
  assert.ok(!overlaps(subnet('0.0.0.0/0'), subnet('::/0')));
});
