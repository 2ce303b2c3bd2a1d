import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bridgeName, engineNames, macAddress, newId, newVethName, parseMac } from './names.ts';

test('only the default data root has the plain names', () => {
  assert.deepEqual(engineNames('/var/lib/slipway'), { table: 'slipway', defaultBridge: 'slipway0' });
  const [a, b] = [engineNames('/tmp/a'), engineNames('/tmp/b')];
  assert.notEqual(a.table, b.table);
  assert.notEqual(a.defaultBridge, b.defaultBridge);
  assert.deepEqual(engineNames('/tmp/a'), a);
});

test('names fit the kernel: 15 characters', () => {
  const id = newId();
  assert.match(id, /^[0-9a-f]{64}$/);
  for (const name of [bridgeName(id), newVethName(), engineNames('/tmp/a').defaultBridge]) {
    assert.ok(name.length <= 15, name);
  }
  assert.equal(bridgeName('0123456789abcdef'), 'br-0123456789ab');
});

test('link-layer addresses are made of the IPv4 address, or are random; always local and unicast', () => {
  assert.equal(macAddress(0xac110002n), '02:42:ac:11:00:02');
  assert.equal(macAddress(1n), '02:42:00:00:00:01');
  assert.match(macAddress(undefined), /^02:42(:[0-9a-f]{2}){4}$/);
  assert.notEqual(macAddress(undefined), macAddress(undefined));
});

test('MAC addresses as people write them', () => {
  for (const text of ['02:42:ac:11:00:02', '02-42-AC-11-00-02', '0242.ac11.0002']) {
    assert.equal(parseMac(text), '02:42:ac:11:00:02');
  }
  const none = ['', ' ', '02:42:ac:11:00', '02:42-ac:11:00:02', '02:42:ac:11:00:02:03', '0242.ac11', 'x'];
  for (const text of none) assert.equal(parseMac(text), undefined, text);
});
