import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerDevices } from './devices.ts';
import { containerResources } from './resources.ts';

const find = (path: string) => (path === '/dev/sda' ? { major: 8, minor: 0 } : { major: 1, minor: 2 });

test('nothing asked for, nothing limited', () => {
  assert.deepEqual(containerResources({}, find, []), {});
});

test('memory: swap is twice the memory unless it is given', () => {
  assert.deepEqual(containerResources({ Memory: 100 }, find, []).memory, { limit: 100, swap: 200 });
  assert.deepEqual(containerResources({ Memory: 100, MemorySwap: -1 }, find, []).memory, { limit: 100, swap: -1 });
  assert.deepEqual(
    containerResources(
      { Memory: 100, MemorySwap: 150, MemoryReservation: 50, MemorySwappiness: 0, OomKillDisable: true },
      find,
      [],
    ).memory,
    { limit: 100, reservation: 50, swap: 150, swappiness: 0, disableOOMKiller: true },
  );
  assert.equal(containerResources({ MemorySwappiness: -1 }, find, []).memory, undefined);
});

test('cpu: --cpus becomes a quota of 100 ms periods', () => {
  assert.deepEqual(containerResources({ NanoCpus: 500_000_000 }, find, []).cpu, { quota: 50_000, period: 100_000 });
  assert.deepEqual(
    containerResources({ CpuShares: 5, CpuQuota: 7000, CpuPeriod: 9000, CpusetCpus: '0-1' }, find, []).cpu,
    {
      shares: 5,
      quota: 7000,
      period: 9000,
      cpus: '0-1',
    },
  );
});

test('pids and block I/O', () => {
  assert.deepEqual(containerResources({ PidsLimit: 8 }, find, []).pids, { limit: 8 });
  assert.deepEqual(containerResources({ PidsLimit: -1 }, find, []).pids, { limit: -1 });
  assert.deepEqual(containerResources({ PidsLimit: 0 }, find, []).pids, { limit: -1 });
  assert.equal(containerResources({}, find, []).pids, undefined);
  const { blockIO } = containerResources(
    { BlkioWeight: 300, BlkioDeviceReadBps: [{ Path: '/dev/sda', Rate: 1024 }] },
    find,
    [],
  );
  assert.deepEqual(blockIO, { weight: 300, throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 }] });
});

test('devices: the default rules, then what the user adds', () => {
  const node = (path: string) => ({ path, type: 'c' as const, major: 10, minor: 200 });
  const { devices, rules } = containerDevices(
    {
      Devices: [{ PathOnHost: '/dev/net/tun', PathInContainer: '/dev/tun', CgroupPermissions: 'rw' }],
      DeviceCgroupRules: ['c 42:* rmw', 'a *:* r'],
    },
    (_host, inside) => [node(inside)],
  );
  assert.deepEqual(devices, [node('/dev/tun')]);
  assert.deepEqual(rules[0], { allow: false, access: 'rwm' }, 'everything is forbidden first');
  assert.deepEqual(rules.slice(-3), [
    { allow: true, type: 'c', major: 10, minor: 200, access: 'rw' },
    { allow: true, type: 'c', major: 42, minor: -1, access: 'rmw' },
    { allow: true, type: 'a', major: -1, minor: -1, access: 'r' },
  ]);
  assert.throws(() => containerDevices({ DeviceCgroupRules: ['bogus'] }, () => []), {
    code: 'invalid',
    message: "invalid device cgroup rule format: 'bogus'",
  });
});

test('privileged: every device of the host', () => {
  const all = [{ path: '/dev/sda', type: 'b' as const, major: 8, minor: 0 }];
  assert.deepEqual(
    containerDevices({ Privileged: true }, () => all),
    {
      devices: all,
      rules: [{ allow: true, access: 'rwm' }],
    },
  );
});
