import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig, HostConfig } from '#model/engine-api/types.ts';
import { checkConfig } from './config.ts';
import { checkHostConfig, completeHostConfig } from './host-config.ts';
import { type HostLimits, hostLimits, numberList } from './limits.ts';
import { checkNetworkMode } from './namespaces.ts';
import { discardUnsupported, resourceWarnings, ulimitWarnings } from './resources.ts';

const v1: HostLimits = { cpus: 2, memoryNodes: [0], cgroup2: false, blockIoWeight: false, kernelMemory: true };
const v2: HostLimits = { ...v1, cgroup2: true, blockIoWeight: true, kernelMemory: false };

/** Every message was read off dockerd 28.5, where dockerd checks the value at all. */
const REFUSED: readonly (readonly [host: object, message: string | RegExp])[] = [
  [{ Memory: 1000 }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: 1e7, MemorySwap: 5e6 }, 'Minimum memoryswap limit should be larger than memory limit, see usage'],
  [{ MemorySwap: 5e7 }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
  [{ MemoryReservation: 100 }, 'Minimum memory reservation allowed is 6MB'],
  [
    { Memory: 1e7, MemoryReservation: 5e7 },
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  ],
  [{ KernelMemory: 1000 }, 'Minimum kernel memory limit allowed is 6MB'],
  [{ MemorySwappiness: 500 }, 'Invalid value: 500, valid memory swappiness range is 0-100'],
  [{ NanoCpus: 1e12 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: 1e9, CpuPeriod: 10_000 }, 'Conflicting options: Nano CPUs and CPU Period cannot both be set'],
  [{ NanoCpus: 1e9, CpuQuota: 10_000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
  [{ CpuPeriod: 10 }, 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  [{ CpuQuota: 10 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
  [{ CpuShares: -1 }, 'invalid CPU shares (-1): value must be a positive integer'],
  [{ CpusetCpus: '9' }, 'Requested CPUs are not available - requested 9, available: 0-1'],
  [{ CpusetCpus: 'x' }, 'Invalid value x for cpuset cpus: invalid format: x'],
  [{ CpusetMems: '7' }, 'Requested memory nodes are not available - requested 7, available: 0'],
  [{ OomScoreAdj: 5000 }, 'Invalid value 5000, range for oom score adj is [-1000, 1000]'],
  [{ ShmSize: -1 }, 'SHM size can not be less than 0'],
  [{ RestartPolicy: { Name: 'x' } }, /^invalid restart policy: unknown policy 'x'; use one of/],
  [{ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }, /can only be used with 'on-failure'$/],
  [{ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -3 } }, /cannot be negative$/],
  [{ RestartPolicy: { Name: 'always' }, AutoRemove: true }, "can't create 'AutoRemove' container with restart policy"],
  [{ PidMode: 'x' }, 'invalid PID mode: x'],
  [{ PidMode: 'container:' }, 'invalid PID mode: container:'],
  [{ IpcMode: 'x' }, 'invalid IPC mode: x'],
  [{ UTSMode: 'x' }, 'invalid UTS mode: x'],
  [{ CgroupnsMode: 'x' }, 'invalid cgroup namespace mode: x'],
  [{ LogConfig: { Type: 'x' } }, 'error looking up logging plugin x: plugin "x" not found'],
  [{ LogConfig: { Config: { x: '1' } } }, "unknown log opt 'x' for json-file log driver"],
  [{ Isolation: 'hyperv' }, "invalid isolation (hyperv): linux only supports 'default'"],
  [{ Annotations: { '': 'x' } }, 'invalid Annotations: the empty string is not permitted as an annotation key'],
  [{ CapAdd: ['X'] }, 'invalid CapAdd: unknown capability: "CAP_X"'],
  [{ CpuRealtimePeriod: 1, CpuRealtimeRuntime: 2 }, /runtime cannot be higher than cpu real-time period$/],
  [{ IOMaximumIOps: 1 }, 'invalid option: QoS maximum IOPs configuration is not supported on linux'],
  [{ IOMaximumBandwidth: 1 }, 'invalid option: QoS maximum bandwidth configuration is not supported on linux'],
];

test('warnings for what is taken and does less than it says', () => {
  const warned = (host: HostConfig) => resourceWarnings(host, v1).join();
  assert.deepEqual(resourceWarnings({ KernelMemory: 1e7 }, v1), []);
  assert.match(resourceWarnings({ KernelMemory: 1e7 }, v2).join(), /^Your kernel does not support kernel memory limit/);
  assert.deepEqual(discardUnsupported({ KernelMemory: 1e7 }, v2), {});
  assert.match(warned({ CpuPercent: 5 }), /^linux does not support CPU percent\. Percent discarded\.$/);
  assert.deepEqual(ulimitWarnings({ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: -1 }] }, { nofile: 5 }), [
    'The engine may not raise the limit nofile beyond 5: it is lowered to that.',
  ]);
  assert.deepEqual(ulimitWarnings({ Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 5 }] }, { nofile: 5 }), []);
});

test('what the kernel cannot do is left out, and a list stays a list', () => {
  const weights = { BlkioWeight: 5, BlkioWeightDevice: [{ Path: '/dev/x', Weight: 5 }] };
  assert.deepEqual(discardUnsupported(weights, v1), { BlkioWeightDevice: [] });
  assert.deepEqual(discardUnsupported(weights, v2), weights);
  assert.deepEqual(discardUnsupported({ MemorySwappiness: 5 }, v2), {});
});

test('what makes no sense is refused', () => {
  for (const [host, message] of REFUSED) {
    assert.throws(() => checkHostConfig(host, v1), { code: 'invalid', message }, JSON.stringify(host));
  }
  // Docker's own mistakes, by its status.
  for (const [option, place] of [
    ['x', 1],
    ['systempaths=unconfined', 2],
  ] as const) {
    const message = `invalid --security-opt ${place}: "${option}"`;
    assert.throws(() => checkHostConfig({ SecurityOpt: [option] }, v1), { code: 'internal', message });
  }
  assert.throws(() => checkHostConfig({ StorageOpt: { size: '1G' } }, v1), { code: 'internal', message: /pquota/ });
  assert.throws(() => checkHostConfig({ BlkioWeight: 5 }, v2), { message: 'Range of blkio weight is from 10 to 1000' });
});

test('what Docker has and this engine has not is said to be so', () => {
  for (const host of [{ LogConfig: { Type: 'splunk' } } as HostConfig]) {
    assert.throws(() => checkHostConfig(host, v1), {
      code: 'not-implemented',
      message: /is not supported by this engine: use one of /,
    });
  }
});

test('defaults as inspect shows them', () => {
  const made = completeHostConfig({ Memory: 1e7 }, v1);
  assert.deepEqual(
    [
      made.NetworkMode,
      made.MemorySwap,
      made.ShmSize,
      made.IpcMode,
      made.CgroupnsMode,
      made.RestartPolicy,
      made.Runtime,
    ],
    ['bridge', 2e7, 67_108_864, 'private', 'host', { Name: 'no', MaximumRetryCount: 0 }, 'runc'],
  );
  assert.equal(completeHostConfig({ Memory: 2 ** 63 - 1024 }, v1).MemorySwap, -1);
  assert.equal(completeHostConfig({}, v2).CgroupnsMode, 'private');
  assert.equal(completeHostConfig({ Privileged: true }, v2).CgroupnsMode, 'private');
  assert.equal(completeHostConfig({ Privileged: true }, v1).CgroupnsMode, 'host');
  assert.equal(completeHostConfig({ NetworkMode: 'default' }, v1).NetworkMode, 'bridge');
  assert.equal(completeHostConfig({ BlkioWeight: 300 }, v1).BlkioWeight, undefined);
  assert.equal(completeHostConfig({ BlkioWeight: 300 }, v2).BlkioWeight, 300);
  assert.equal(completeHostConfig({ MemorySwappiness: 5 }, v2).MemorySwappiness, undefined);
});

test('what is given up is warned of', () => {
  assert.deepEqual(resourceWarnings({}, v1), []);
  assert.match(resourceWarnings({ BlkioWeight: 5 }, v1)[0] ?? '', /Weight discarded\.$/);
  assert.equal(resourceWarnings({ MemorySwappiness: 1, OomKillDisable: true }, v2).length, 3);
});

test('who joins another container’s network takes it as it is', () => {
  const refused = (config: ContainerConfig, host: HostConfig): unknown =>
    assert.throws(() => checkNetworkMode(config, { NetworkMode: 'container:x', ...host }), {
      code: 'invalid',
      message: /^conflicting options: /,
    });
  refused({ Hostname: 'h' }, {});
  refused({ ExposedPorts: { '80/tcp': {} } }, {});
  refused({}, { Dns: ['1.1.1.1'] });
  refused({}, { ExtraHosts: ['a:1.1.1.1'] });
  refused({}, { PortBindings: { '80/tcp': null } });
  refused({}, { PublishAllPorts: true });
  refused({}, { Links: ['a'] });
  refused({}, { NetworkMode: 'host', Links: ['a'] });
  checkNetworkMode({}, { NetworkMode: 'container:x' });
  checkNetworkMode({ Hostname: 'h' }, { NetworkMode: 'bridge', Dns: ['1.1.1.1'] });
});

test('Config is checked before it meets the image’s', () => {
  const bad: readonly (readonly [ContainerConfig, string])[] = [
    [{ WorkingDir: 'rel' }, "the working directory 'rel' is invalid, it needs to be an absolute path"],
    [{ Env: ['=x'] }, 'invalid environment variable: =x'],
    [{ Env: [''] }, 'invalid environment variable: '],
    [{ StopSignal: 'X' }, 'invalid signal: X'],
    [{ Healthcheck: { Interval: 5 } }, 'Interval in Healthcheck cannot be less than 1ms'],
    [{ Healthcheck: { Retries: -5 } }, 'Retries in Healthcheck cannot be negative'],
    [{ Hostname: 'two\nlines' }, 'invalid hostname format: two\nlines'],
    [{ Cmd: ['a\0b'] }, 'invalid command: it holds a NUL byte'],
  ];
  for (const [config, message] of bad) assert.throws(() => checkConfig(config), { code: 'invalid', message });
  checkConfig({ WorkingDir: '/w', Env: ['A', 'B='], Hostname: 'box_1.dom', Healthcheck: { Interval: 1e9 } });
});

test('lists of numbers, and what this host has', () => {
  assert.deepEqual(numberList('0-2,5'), [0, 1, 2, 5]);
  assert.deepEqual(numberList('+1'), [1]);
  for (const bad of ['', '3-1', 'x', '1-', ',1', '1,,2']) assert.equal(numberList(bad), undefined);
  const real = hostLimits();
  assert.ok(real.cpus >= 1 && real.memoryNodes.includes(0));
});
