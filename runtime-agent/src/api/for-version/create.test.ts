import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateBody } from '#model/engine-api/create-request.ts';
import type { HostConfig, Mount } from '#model/engine-api/types.ts';
import { olderThan } from '../version.ts';
import { createForVersion } from './create.ts';

const body: CreateBody = {
  config: { Image: 'i', Healthcheck: { Test: ['CMD', 'true'], StartInterval: 5 } },
  hostConfig: {
    Annotations: { a: 'b' },
    AutoRemove: true,
    ConsoleSize: [1, 2],
    KernelMemory: 1,
    KernelMemoryTCP: 2,
    NetworkMode: 'n',
    PidsLimit: 7,
    Mounts: [{ Type: 'bind', Source: '/s', Target: '/t', BindOptions: { NonRecursive: true, CreateMountpoint: true } }],
  },
  endpoints: { n: { GwPriority: 3 } },
};
const at = (version: string, changes: Partial<CreateBody> = {}, cgroup2 = true) =>
  createForVersion({ ...body, ...changes }, olderThan(version), cgroup2);
const host = (version: string, hostConfig: HostConfig, cgroup2 = true): HostConfig =>
  at(version, { hostConfig }, cgroup2).body.hostConfig;
const mount = (version: string, given: object): Mount | undefined =>
  host(version, { Mounts: [{ Target: '/t', ...given }] }).Mounts?.[0];

test('of the newest version everything is taken as it is, but for what was removed', () => {
  const { KernelMemory: _removed, ...hostConfig } = body.hostConfig;
  assert.deepEqual(at('1.51'), { body: { ...body, hostConfig, readOnlyNonRecursive: false }, warnings: [] });
});

test('an old version has neither later fields nor later defaults', () => {
  const { config, hostConfig, endpoints, readOnlyNonRecursive } = at('1.24', {}, false).body;
  assert.deepEqual(config.Healthcheck, { Test: ['CMD', 'true'] });
  assert.deepEqual([readOnlyNonRecursive, endpoints['n']?.GwPriority], [true, 0]);
  const { Mounts, ...rest } = hostConfig;
  const defaults = { AutoRemove: false, IpcMode: 'shareable', CgroupnsMode: 'host' };
  assert.deepEqual(rest, { ...defaults, KernelMemory: 1, NetworkMode: 'n', PidsLimit: 7 });
  assert.deepEqual(Mounts?.[0]?.BindOptions, { NonRecursive: false, CreateMountpoint: false });
});

test('each field from its own version on', () => {
  const kept = (version: string): string[] => Object.keys(at(version).body.hostConfig).sort();
  const always = ['AutoRemove', 'Mounts', 'NetworkMode', 'PidsLimit'];
  assert.deepEqual(kept('1.40'), [...always, 'KernelMemory', 'KernelMemoryTCP'].sort());
  assert.deepEqual(kept('1.42'), [...always, 'ConsoleSize', 'KernelMemoryTCP'].sort());
  assert.deepEqual(kept('1.43'), [...always, 'Annotations', 'ConsoleSize', 'KernelMemoryTCP'].sort());
  assert.deepEqual(
    [at('1.24'), at('1.25')].map(({ body: { hostConfig } }) => hostConfig.AutoRemove),
    [false, true],
  );
});

test('the cgroup namespace of old clients is the host’s on cgroup v1', () => {
  assert.equal(host('1.40', {}, false).CgroupnsMode, 'host');
  assert.equal(host('1.40', {}).CgroupnsMode, undefined);
  assert.equal(host('1.41', {}, false).CgroupnsMode, undefined);
  assert.equal(host('1.24', { CgroupnsMode: 'private' }, false).CgroupnsMode, 'private');
});

test('mounts: what a version had not got is refused, and options of other types were not looked at', () => {
  const refused: readonly (readonly [version: string, given: object, what: string])[] = [
    ['1.44', { Type: 'volume', VolumeOptions: { Subpath: 'x' } }, 'VolumeOptions.Subpath needs API v1.45 or newer'],
    [
      '1.43',
      { Type: 'bind', BindOptions: { ReadOnlyForceRecursive: true } },
      'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer',
    ],
    ['1.47', { Type: 'image' }, 'Mount type "Image" needs API v1.48 or newer'],
  ];
  for (const [version, given, message] of refused) {
    assert.throws(() => mount(version, given), { code: 'invalid', message });
    const next = version.replace(/\d+$/, (minor) => String(Number(minor) + 1));
    assert.deepEqual(mount(next, given), { Target: '/t', ...given });
  }
  const mixed = { Type: 'bind', VolumeOptions: { NoCopy: true }, TmpfsOptions: { SizeBytes: 5 } };
  assert.deepEqual(mount('1.41', mixed), { Target: '/t', ...mixed });
  const message = 'VolumeOptions must not be specified on mount type "bind"';
  assert.throws(() => mount('1.42', mixed), { code: 'invalid', message });
});

test('several networks from 1.44 on', () => {
  const endpoints = { b: {}, n: {} };
  assert.deepEqual(at('1.48', { endpoints }).body.endpoints, endpoints);
  const message = 'Container cannot be created with multiple network endpoints: b, n';
  assert.throws(() => at('1.43', { endpoints }), { code: 'invalid', message });
});

test('the default network has a name', () => {
  const named = (NetworkMode: string) =>
    at('1.51', { hostConfig: { NetworkMode }, endpoints: { default: { Aliases: ['a'] } } }).body;
  for (const mode of ['', 'default']) {
    assert.equal(named(mode).hostConfig.NetworkMode, 'bridge');
    assert.deepEqual(named(mode).endpoints, { bridge: { Aliases: ['a'] } });
  }
  assert.deepEqual(named('bridge').endpoints, { default: { Aliases: ['a'] } });
});

test('a driver of volumes that means none of the mounts is told since 1.48', () => {
  const warned = (version: string, driver: object) =>
    at(version, {
      hostConfig: { VolumeDriver: 'd', Mounts: [{ Type: 'volume', Target: '/t', VolumeOptions: driver }] },
    }).warnings;
  assert.match(warned('1.48', {}).join(), /^WARNING: the container-wide volume-driver configuration is ignored/);
  assert.deepEqual(warned('1.47', {}), []);
  assert.deepEqual(warned('1.48', { DriverConfig: { Name: 'local' } }), []);
});
