import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, formatAddress, parseAddress, parseCidr } from './address.ts';
import { createAddressSpace, defaultGateway } from './address-space.ts';

const at = (text: string): Address => parseAddress(text) as Address;
const net = (text: string) => {
  const parsed = parseCidr(text);
  assert.ok(parsed);
  return parsed.subnet;
};
const text = (address: Address | undefined): string | undefined => address && formatAddress(address);

test('addresses come in order after the gateway; the lowest released one is given again', () => {
  const space = createAddressSpace({ subnet: net('172.17.0.0/16'), reserved: [at('172.17.0.1')] });
  assert.deepEqual(
    [1, 2, 3].map(() => text(space.allocate())),
    ['172.17.0.2', '172.17.0.3', '172.17.0.4'],
  );
  space.release(at('172.17.0.3'));
  space.release(at('172.17.0.1'));
  assert.equal(text(space.allocate()), '172.17.0.3');
  assert.equal(text(space.allocate()), '172.17.0.5');
});

test('a subnet is used to its last address, without network and broadcast address', () => {
  const space = createAddressSpace({ subnet: net('10.0.0.0/29'), reserved: [at('10.0.0.1')] });
  const given = Array.from({ length: 6 }, () => text(space.allocate()));
  assert.deepEqual(given, ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', undefined]);
});

test('static addresses: once, inside the subnet, also outside the range', () => {
  const space = createAddressSpace({
    subnet: net('10.7.0.0/24'),
    range: net('10.7.0.128/25'),
    reserved: [at('10.7.0.1'), at('10.7.0.129')],
  });
  assert.ok(space.take(at('10.7.0.5')));
  assert.ok(!space.take(at('10.7.0.5')));
  assert.ok(!space.take(at('10.7.0.129')));
  assert.ok(!space.take(at('10.7.0.0')));
  assert.ok(!space.take(at('10.7.0.255')));
  assert.ok(!space.take(at('10.8.0.1')));
  assert.equal(text(space.allocate()), '10.7.0.128');
  assert.equal(text(space.allocate()), '10.7.0.130');
  space.release(at('10.7.0.5'));
  assert.ok(space.take(at('10.7.0.5')));
});

test('a released static address below the range is not given to another', () => {
  const space = createAddressSpace({ subnet: net('10.7.0.0/24'), range: net('10.7.0.128/25'), reserved: [] });
  assert.equal(text(space.allocate()), '10.7.0.128');
  assert.ok(space.take(at('10.7.0.5')));
  space.release(at('10.7.0.5'));
  assert.equal(text(space.allocate()), '10.7.0.129');
});

test('IPv6: the first address is the gateway’s, the anycast address nobody’s', () => {
  assert.equal(text(defaultGateway(net('fd00:1::/64'), undefined, [])), 'fd00:1::1');
  const space = createAddressSpace({ subnet: net('fd00:1::/64'), reserved: [at('fd00:1::1')] });
  assert.equal(text(space.allocate()), 'fd00:1::2');
});

test('default gateway', () => {
  assert.equal(text(defaultGateway(net('10.7.0.0/24'), undefined, [])), '10.7.0.1');
  assert.equal(text(defaultGateway(net('10.7.0.0/24'), undefined, [at('10.7.0.1')])), '10.7.0.2');
  assert.equal(text(defaultGateway(net('10.7.0.0/24'), net('10.7.0.128/25'), [at('10.7.0.129')])), '10.7.0.128');
  assert.equal(text(defaultGateway(net('10.7.0.0/31'), undefined, [])), '10.7.0.0');
});
