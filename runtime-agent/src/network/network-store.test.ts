import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../state/database.ts';
import { formatAddress } from './address.ts';
import { planNetwork } from './network-request.ts';
import { createNetworkStore } from './network-store.ts';
import { predefinedNetworks } from './predefined-networks.ts';

const record = (name: string, id: string, created: string) =>
  planNetwork(
    { Name: name },
    {
      existing: [],
      hostSubnets: [],
      seed: '',
      newId: id.padEnd(64, '0'),
      now: created,
      mtu: 1500,
    },
  );

test('by id, by name, by the beginning of an id, in this order', () => {
  using database = openDatabase(':memory:');
  const store = createNetworkStore(database);
  const [a, b] = [record('abc', 'ab1', '2'), record('net', 'abc', '1')];
  store.add(a);
  store.add(b);
  assert.equal(store.find('abc'), a, 'a name before the beginning of an id');
  assert.equal(store.find(b.id), b);
  assert.equal(store.find('ab1'), a);
  assert.throws(() => store.find('ab'), /^EngineError: network ab is ambiguous/);
  assert.throws(() => store.find('zz'), /^EngineError: network zz not found$/);
  assert.throws(() => store.find(''), /not found/);
  assert.ok(store.has('net') && !store.has('zz'));
  assert.deepEqual(store.all(), [b, a], 'oldest first');
});

test('records outlive the engine, given addresses do not', () => {
  using database = openDatabase(':memory:');
  const first = createNetworkStore(database);
  const net = record('net', 'ab', '1');
  first.add(net);
  const given = first.spaces(net)[0]?.allocate();
  assert.equal(given && formatAddress(given), '172.17.0.2');
  assert.equal(first.spaces(net)[0]?.allocate()?.value, (given?.value ?? 0n) + 1n);
  const second = createNetworkStore(database);
  assert.deepEqual(second.find('net'), net);
  assert.equal(second.spaces(net)[0]?.allocate()?.value, given?.value);
  second.delete(net.id);
  assert.deepEqual(createNetworkStore(database).all(), []);
});

test('predefined networks are made once; the default one finds room', () => {
  const input = {
    existing: [],
    hostSubnets: [],
    defaultBridge: 'slipway0',
    now: '1',
    mtu: 1400,
    seed: '',
    bip: undefined,
  };
  const made = predefinedNetworks(input);
  assert.deepEqual(
    made.map(({ name, driver, bridge }) => [name, driver, bridge]),
    [
      ['bridge', 'bridge', 'slipway0'],
      ['host', 'host', ''],
      ['none', 'null', ''],
    ],
  );
  assert.equal(made[0]?.options['com.docker.network.driver.mtu'], '1400');
  assert.deepEqual(made[0]?.shown, [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }]);
  assert.deepEqual(predefinedNetworks({ ...input, existing: made }), []);
});
