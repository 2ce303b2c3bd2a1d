import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { ContainerDefaults } from './context.ts';
import { withHostDefaults } from './host-defaults.ts';

const NONE: ContainerDefaults = {
  log: { driver: 'json-file', options: {} },
  ulimits: [],
  init: false,
  initPath: undefined,
  shmSize: undefined,
  ipcMode: undefined,
  cgroupnsMode: undefined,
  cgroupParent: undefined,
  noNewPrivileges: false,
  seccompProfile: undefined,
  runtime: 'runc',
};
const merged = (host: HostConfig, defaults: Partial<ContainerDefaults>) =>
  withHostDefaults(host, { ...NONE, ...defaults });

test('without configuration only the log driver and the runtime are named', () => {
  assert.deepEqual(merged({}, {}), { LogConfig: { Type: 'json-file', Config: {} }, Runtime: 'runc' });
});

test('log options of the configured driver are merged, those of another are not, save for the copy that is kept', () => {
  const log = { driver: 'syslog', options: { tag: 'x', 'cache-max-size': '1m' } };
  const of = (given: HostConfig['LogConfig']) => merged({ LogConfig: given ?? {} }, { log }).LogConfig;
  assert.deepEqual(of({ Config: { tag: 'y' } }), { Type: 'syslog', Config: { tag: 'y', 'cache-max-size': '1m' } });
  assert.deepEqual(of({ Type: 'gelf', Config: {} }), { Type: 'gelf', Config: { 'cache-max-size': '1m' } });
});

test('what the container says itself wins', () => {
  const limit = (Soft: number) => ({ Name: 'nofile', Soft, Hard: 9 });
  const { Ulimits } = merged({ Ulimits: [limit(1)] }, { ulimits: [limit(2), { Name: 'core', Soft: 0, Hard: 0 }] });
  assert.deepEqual(Ulimits, [limit(1), { Name: 'core', Soft: 0, Hard: 0 }]);
  const strict = { noNewPrivileges: true, seccompProfile: '{}' };
  assert.deepEqual(merged({}, strict).SecurityOpt, ['no-new-privileges', 'seccomp={}']);
  const own = ['no-new-privileges:false', 'seccomp=unconfined'];
  assert.deepEqual(merged({ SecurityOpt: own }, strict).SecurityOpt, own);
  assert.equal(merged({ Privileged: true }, { seccompProfile: '{}' }).SecurityOpt, undefined);
  assert.equal(merged({ ShmSize: 5 }, { shmSize: 6 }).ShmSize, 5);
  const { ShmSize, IpcMode, CgroupnsMode, CgroupParent } = merged(
    {},
    { shmSize: 6, ipcMode: 'shareable', cgroupnsMode: 'private', cgroupParent: '/p' },
  );
  assert.deepEqual([ShmSize, IpcMode, CgroupnsMode, CgroupParent], [6, 'shareable', 'private', '/p']);
});
