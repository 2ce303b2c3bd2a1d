import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCidr, type Subnet } from './address.ts';
import type { NetworkRecord } from './network-record.ts';
import { planNetwork } from './network-request.ts';
import { chosenSubnet, mustMove, settleConflicts, subnetsOf } from './subnet-conflicts.ts';

const SEED = 'one engine';

const subnet = (text: string): Subnet => {
  const parsed = parseCidr(text);
  assert.ok(parsed, text);
  return parsed.subnet;
};

function network(name: string, existing: readonly NetworkRecord[], subnets: readonly string[] = []): NetworkRecord {
  const asked = { Name: name, EnableIPv6: true, IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) } };
  const newId = Buffer.from(name).toString('hex').padEnd(64, '0');
  return planNetwork(asked, { existing, hostSubnets: [], seed: SEED, newId, now: '1', mtu: 1500 });
}

const settle = (networks: readonly NetworkRecord[], foreign: readonly string[], inUse: readonly string[] = []) =>
  settleConflicts({ networks, foreign: foreign.map(subnet), inUse: new Set(inUse), seed: SEED });

const chosen = network('chosen', []);
const other = network('other', [chosen]);

test('networks that nobody contests stay, without a word', () => {
  assert.deepEqual(chosen.subnets[0]?.subnet, '172.17.0.0/16');
  assert.deepEqual(settle([chosen, other], ['10.0.0.0/8', '192.0.2.0/24', 'fd00::/64']), { moved: [], lines: [] });
  assert.equal(mustMove(chosen, [subnet('172.18.0.0/16')]), false);
});

test('a contested subnet that the engine chose becomes one that is free of all others', () => {
  const { moved, lines } = settle([chosen, other], ['172.17.128.0/20', '172.19.0.0/16']);
  assert.deepEqual(
    moved.map(({ id, subnets }) => [id, subnets[0]?.subnet, subnets[0]?.gateway, subnets[0]?.configured]),
    [[chosen.id, '172.20.0.0/16', '172.20.0.1', false]],
  );
  assert.deepEqual(moved[0]?.subnets[1], chosen.subnets[1], 'the other family stays');
  assert.deepEqual(moved[0]?.shown, [{ Subnet: '172.20.0.0/16', Gateway: '172.20.0.1' }, chosen.shown?.[1]]);
  assert.deepEqual(lines, [
    'network chosen: 172.17.128.0/20 is another network of this host now, so its subnet 172.17.0.0/16 becomes 172.20.0.0/16',
  ]);
  assert.equal(mustMove(chosen, [subnet('172.17.128.0/20')]), true);
});

test('two that move at once do not get the same one, and both families may move', () => {
  const [, ipv6 = ''] = chosen.subnets.map((one) => one.subnet);
  const { moved } = settle([chosen, other], ['172.16.0.0/14', ipv6]);
  const all = moved.flatMap(({ subnets }) => subnets.map((one) => one.subnet));
  assert.deepEqual([all[0], all[2]], ['172.20.0.0/16', '172.21.0.0/16']);
  assert.notEqual(all[1], ipv6);
  assert.equal(all[3], other.subnets[1]?.subnet);
  assert.equal(new Set(all).size, 4);
  assert.deepEqual(settle(moved, ['172.16.0.0/14', ipv6]).moved, [], 'settled for good');
});

test('a user’s subnet and one in use stay, with a warning that says what to do', () => {
  const mine = network('mine', [chosen, other], ['10.9.0.0/16']);
  const { moved, lines } = settle([chosen, mine], ['10.9.8.0/24', '172.17.0.0/16'], [chosen.id]);
  assert.deepEqual(moved, []);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^warning: network chosen: .*172\.17\.0\.0\/16 overlaps .*stop its containers/);
  assert.match(lines[1] ?? '', /^warning: network mine: .*10\.9\.0\.0\/16 overlaps 10\.9\.8\.0\/24.*another subnet$/);
  assert.equal(mustMove(mine, [subnet('10.9.8.0/24')]), false);
});

test('without room in the pools nothing moves', () => {
  const { moved, lines } = settle([chosen], ['172.16.0.0/12', '192.168.0.0/16']);
  assert.deepEqual(moved, []);
  assert.match(lines[0] ?? '', /^warning: .* the address pools are used up/);
  assert.equal(chosenSubnet(4, [subnet('0.0.0.0/1'), subnet('128.0.0.0/1')], SEED), undefined);
});

test('subnets of all networks', () => {
  assert.deepEqual(subnetsOf([chosen, other]).length, 4);
  assert.deepEqual(subnetsOf([]), []);
});
