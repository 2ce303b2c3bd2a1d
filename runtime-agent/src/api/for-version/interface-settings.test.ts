import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateBody } from '#model/engine-api/create-request.ts';
import { olderThan } from '../version.ts';
import { withInterfaceSettings } from './interface-settings.ts';

const MAC = '02:00:00:00:00:01';
const OTHER = '02:00:00:00:00:02';
const SYSCTLS = 'com.docker.network.endpoint.sysctls';

const at = (version: string, given: Partial<CreateBody>) =>
  withInterfaceSettings({ config: {}, hostConfig: {}, endpoints: {}, ...given }, olderThan(version));

test('a container’s hardware address is its main network’s', () => {
  const given = { config: { MacAddress: MAC }, hostConfig: { NetworkMode: 'n' } };
  const old = at('1.43', given);
  assert.deepEqual([old.body.config.MacAddress, old.warnings], [MAC, []]);
  assert.deepEqual(old.body.endpoints, { n: { MacAddress: MAC } });
  // There was one at most, and it was the one, whatever its name.
  assert.deepEqual(at('1.43', { ...given, endpoints: { id: {} } }).body.endpoints, { id: { MacAddress: MAC } });
  const now = at('1.44', { ...given, endpoints: { n: { Aliases: ['a'] }, m: {} } });
  assert.deepEqual(now.body.config, {});
  assert.deepEqual(now.body.endpoints, { n: { Aliases: ['a'], MacAddress: MAC }, m: {} });
  assert.match(now.warnings.join(), /^The container-wide MacAddress field is now deprecated\./);
});

test('an address of a network is none of an old client’s', () => {
  assert.deepEqual(at('1.43', { endpoints: { n: { MacAddress: MAC } } }).body.endpoints, { n: {} });
  assert.deepEqual(at('1.44', { endpoints: { n: { MacAddress: MAC } } }).body.endpoints, { n: { MacAddress: MAC } });
});

test('an address that is no interface’s', () => {
  const conflict = { code: 'invalid', message: 'conflicting options: mac-address and the network mode' };
  for (const NetworkMode of ['host', 'none', 'container:x']) {
    const given = { config: { MacAddress: MAC }, hostConfig: { NetworkMode } };
    assert.throws(() => at('1.43', given), conflict);
    assert.deepEqual(at('1.44', given).body.config, {});
  }
  const elsewhere = { config: { MacAddress: MAC }, hostConfig: { NetworkMode: 'n' }, endpoints: { m: {} } };
  assert.throws(() => at('1.44', elsewhere), {
    code: 'invalid',
    message: /^unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match/,
  });
  const two = { ...elsewhere, endpoints: { n: { MacAddress: OTHER } } };
  assert.throws(() => at('1.44', two), { code: 'invalid', message: /^the container-wide MAC address must match/ });
});

test('sysctls of the first interface go to its network until 1.47', () => {
  const hostConfig = { NetworkMode: 'n', Sysctls: { 'net.ipv4.conf.eth0.forwarding': '0', 'kernel.sem': '1' } };
  const { body, warnings } = at('1.47', { hostConfig });
  assert.deepEqual(body.hostConfig.Sysctls, { 'kernel.sem': '1' });
  const setting = 'net.ipv4.conf.IFNAME.forwarding=0';
  assert.deepEqual(body.endpoints, { n: { DriverOpts: { [SYSCTLS]: setting } } });
  assert.deepEqual(warnings, [
    `Migrated sysctl "net.ipv4.conf.eth0.forwarding" to DriverOpts{"${SYSCTLS}":"${setting}"}.`,
  ]);
  const own = at('1.47', { hostConfig, endpoints: { n: { DriverOpts: { [SYSCTLS]: 'x=y' } } } });
  assert.deepEqual(own.body.endpoints['n']?.DriverOpts, { [SYSCTLS]: `${setting},x=y` });
});

test('sysctls of interfaces that are refused, and those that are none', () => {
  const sysctl = (name: string, NetworkMode = 'n') => ({ hostConfig: { NetworkMode, Sysctls: { [name]: '1' } } });
  const first = 'net.ipv4.conf.eth0.forwarding';
  const message = `interface specific sysctl setting "${first}" must be supplied using driver option '${SYSCTLS}'`;
  assert.throws(() => at('1.48', sysctl(first)), { code: 'internal', message });
  assert.throws(() => at('1.47', sysctl('net.ipv4.conf.eth1.forwarding')), {
    message: `unable to determine network endpoint for sysctl net.ipv4.conf.eth1.forwarding, use driver option '${SYSCTLS}' to set per-interface sysctls`,
  });
  assert.throws(() => at('1.47', { ...sysctl(first), endpoints: { m: {} } }), {
    code: 'invalid',
    message: /^unable to find a network for sysctl net\.ipv4\.conf\.eth0\.forwarding: HostConfig.NetworkMode must/,
  });
  for (const given of [sysctl(first, 'host'), sysctl('net.ipv4.conf.all.forwarding'), sysctl('net.ipv4.ip_forward')]) {
    assert.deepEqual(at('1.51', given).body.hostConfig, given.hostConfig);
  }
});
