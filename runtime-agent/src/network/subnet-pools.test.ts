import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSubnet, parseCidr, type Subnet } from './address.ts';
import { pickSubnet } from './subnet-pools.ts';

const subnets = (...texts: string[]): Subnet[] =>
  texts.map((text) => {
    const parsed = parseCidr(text);
    assert.ok(parsed);
    return parsed.subnet;
  });
const pick = (family: 4 | 6, taken: readonly Subnet[]): string | undefined => {
  const found = pickSubnet(family, taken, 'seed');
  return found && formatSubnet(found);
};

test('the pools are Docker’s, in its order, without what is taken', () => {
  const taken: Subnet[] = [];
  const given: string[] = [];
  for (let subnet = pickSubnet(4, taken, ''); subnet !== undefined; subnet = pickSubnet(4, taken, '')) {
    taken.push(subnet);
    given.push(formatSubnet(subnet));
  }
  assert.deepEqual(given.slice(0, 2), ['172.17.0.0/16', '172.18.0.0/16']);
  assert.equal(given[14], '172.31.0.0/16');
  assert.equal(given[15], '192.168.0.0/20');
  assert.equal(given.at(-1), '192.168.240.0/20');
  assert.equal(given.length, 15 + 16);
});

test('a subnet that touches a route of the host is skipped, whichever is the larger', () => {
  assert.equal(pick(4, subnets('172.17.9.0/24')), '172.18.0.0/16');
  assert.equal(pick(4, subnets('172.16.0.0/12')), '192.168.0.0/20');
  assert.equal(pick(4, subnets('172.16.0.0/12', '192.168.16.1/32')), '192.168.0.0/20');
  assert.equal(pick(4, subnets('172.16.0.0/12', '192.168.0.0/16')), undefined);
});

test('IPv6 subnets are /64 of one unique local /48', () => {
  const first = pick(6, []);
  assert.match(first ?? '', /^fd[0-9a-f:]+::\/64$/);
  assert.equal(pick(6, []), first);
  const second = pick(6, subnets(first ?? ''));
  assert.notEqual(second, first);
  assert.notEqual(formatSubnet(pickSubnet(6, [], 'other') ?? (subnets('::/0')[0] as Subnet)), first);
});
