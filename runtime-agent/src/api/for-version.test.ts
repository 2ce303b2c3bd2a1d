import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateBody } from '#model/engine-api/create-request.ts';
import { createForVersion, updateForVersion } from './for-version.ts';

const body: CreateBody = {
  config: { Image: 'i', Healthcheck: { Test: ['CMD', 'true'], StartInterval: 5 } },
  hostConfig: {
    Annotations: { a: 'b' },
    CgroupnsMode: 'private',
    ConsoleSize: [1, 2],
    PidsLimit: 7,
    Mounts: [{ Type: 'bind', Source: '/s', Target: '/t', BindOptions: { NonRecursive: true, CreateMountpoint: true } }],
  },
  endpoints: { n: {} },
};

test('of the newest version everything is taken as it is', () => {
  assert.deepEqual(createForVersion(body, '1.51'), { ...body, readOnlyNonRecursive: false });
});

test('an old version has neither later fields nor later defaults', () => {
  const { config, hostConfig, readOnlyNonRecursive } = createForVersion(body, '1.24');
  assert.equal(config.Healthcheck?.StartInterval, undefined);
  assert.equal(readOnlyNonRecursive, true);
  const { Mounts, ...host } = hostConfig;
  assert.deepEqual(host, { IpcMode: 'shareable', PidsLimit: 7 });
  assert.equal(Mounts?.[0]?.BindOptions?.NonRecursive, false);
  assert.equal(Mounts?.[0]?.BindOptions?.CreateMountpoint, false);
});

test('each field from its own version on', () => {
  const kept = (version: string): string[] => Object.keys(createForVersion(body, version).hostConfig).sort();
  assert.deepEqual(kept('1.40'), ['CgroupnsMode', 'Mounts', 'PidsLimit']);
  assert.deepEqual(kept('1.42'), ['CgroupnsMode', 'ConsoleSize', 'Mounts', 'PidsLimit']);
  assert.deepEqual(kept('1.43'), ['Annotations', 'CgroupnsMode', 'ConsoleSize', 'Mounts', 'PidsLimit']);
});

test('parts of volumes from 1.45 on', () => {
  const part = { ...body, hostConfig: { Mounts: [{ Type: 'volume', Target: '/v', VolumeOptions: { Subpath: 'x' } }] } };
  assert.deepEqual(createForVersion(part as CreateBody, '1.45').hostConfig, part.hostConfig);
  const message = 'VolumeOptions.Subpath needs API v1.45 or newer';
  assert.throws(() => createForVersion(part as CreateBody, '1.44'), { code: 'invalid', message });
});

test('several networks from 1.44 on', () => {
  const two = { ...body, endpoints: { b: {}, a: {} } };
  assert.deepEqual(createForVersion(two, '1.44').endpoints, two.endpoints);
  const message = 'Container cannot be created with multiple network endpoints: a, b';
  assert.throws(() => createForVersion(two, '1.43'), { code: 'invalid', message });
});

test('an update of an old version has no limit of processes', () => {
  assert.deepEqual(updateForVersion({ PidsLimit: 3, CpuShares: 4 }, '1.39'), { CpuShares: 4 });
  assert.deepEqual(updateForVersion({ PidsLimit: 3 }, '1.40'), { PidsLimit: 3 });
});
