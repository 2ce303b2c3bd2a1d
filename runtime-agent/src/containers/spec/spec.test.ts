import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { OciSpec } from '#model/oci/runtime-spec.ts';
import type { ContainerMount } from '../record.ts';
import { capabilitiesOf } from './capabilities.ts';
import { cgroupPath, containerSpec, type SpecFacts, type SpecRequest } from './spec.ts';

const facts: SpecFacts = {
  capabilities: capabilitiesOf((1n << 41n) - 1n),
  architecture: 'x64',
  kernel: '6.1.0',
  appArmor: false,
  idRanges: undefined,
  unusableArchitectures: [],
  ceilings: {},
  findDevice: () => ({ major: 8, minor: 0 }),
  findDevices: (_host, path) => [{ path, type: 'c', major: 1, minor: 7 }],
};

const request: SpecRequest = {
  id: 'ID',
  config: { Cmd: ['true'] },
  host: {},
  mounts: [],
  rootfs: '/c/rootfs',
  hostname: 'box',
  user: { uid: 0, gid: 0, groups: [0], home: '/root' },
  sources: {
    hostname: '/c/hostname',
    hosts: '/c/hosts',
    resolvConf: '/c/resolv.conf',
    init: undefined,
    sharedShm: undefined,
  },
  namespaces: { network: '/run/netns/x' },
};

const make = (host: HostConfig, rest: Partial<SpecRequest> = {}): OciSpec =>
  containerSpec({ ...request, ...rest, host }, facts);
const at = (spec: OciSpec, destination: string) => spec.mounts.find((mount) => mount.destination === destination);
const kinds = (spec: OciSpec): string[] =>
  spec.linux.namespaces.map(({ type, path }) => (path ? `${type}:${path}` : type));

test('a plain container, in full', () => {
  const { seccomp, resources, capabilities: _c, ...linux } = { ...make({}).linux, capabilities: 0 };
  assert.equal(seccomp?.defaultAction, 'SCMP_ACT_ERRNO');
  assert.deepEqual(Object.keys(resources), ['devices']);
  assert.deepEqual(linux, {
    namespaces: [
      { type: 'mount' },
      { type: 'network', path: '/run/netns/x' },
      { type: 'pid' },
      { type: 'ipc' },
      { type: 'uts' },
    ],
    cgroupsPath: '/slipway/ID',
    devices: [],
    sysctl: { 'net.ipv4.ip_unprivileged_port_start': '0', 'net.ipv4.ping_group_range': '0 2147483647' },
    maskedPaths: [
      '/proc/asound',
      '/proc/acpi',
      '/proc/interrupts',
      '/proc/kcore',
      '/proc/keys',
      '/proc/latency_stats',
      '/proc/timer_list',
      '/proc/timer_stats',
      '/proc/sched_debug',
      '/proc/scsi',
      '/sys/firmware',
      '/sys/devices/virtual/powercap',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  });
  const { mounts, root, hostname } = make({});
  assert.deepEqual(root, { path: '/c/rootfs', readonly: false });
  assert.equal(hostname, 'box');
  assert.deepEqual(
    mounts.map(({ destination, type }) => `${destination} ${type}`),
    [
      '/proc proc',
      '/dev tmpfs',
      '/dev/pts devpts',
      '/sys sysfs',
      '/sys/fs/cgroup cgroup',
      '/dev/mqueue mqueue',
      '/dev/shm tmpfs',
      '/etc/resolv.conf bind',
      '/etc/hostname bind',
      '/etc/hosts bind',
    ],
  );
  assert.ok(at(make({}), '/sys')?.options.includes('ro'));
  assert.ok(at(make({}), '/sys/fs/cgroup')?.options.includes('ro'));
});

test('privileged: no seccomp, nothing masked, devices, writable /sys and cgroups', () => {
  const spec = make({ Privileged: true });
  assert.equal(spec.linux.seccomp, undefined);
  assert.deepEqual(spec.linux.maskedPaths, []);
  assert.deepEqual(spec.linux.readonlyPaths, []);
  assert.equal(spec.process.capabilities.bounding.length, 41);
  assert.deepEqual(spec.linux.devices, [{ path: '/dev', type: 'c', major: 1, minor: 7 }]);
  assert.ok(at(spec, '/sys')?.options.includes('rw'));
  assert.ok(at(spec, '/sys/fs/cgroup')?.options.includes('rw'));
});

test('namespaces of the host and of other containers', () => {
  const spec = make(
    { PidMode: 'host', IpcMode: 'container:x', UTSMode: 'host', CgroupnsMode: 'private' },
    { namespaces: { network: undefined, ipc: '/proc/7/ns/ipc' } },
  );
  assert.deepEqual(kinds(spec), ['mount', 'ipc:/proc/7/ns/ipc', 'cgroup']);
  assert.equal(spec.hostname, undefined);
  assert.deepEqual(spec.linux.sysctl, {}, 'the host’s network is not changed');
});

test('shm: size, shared and none', () => {
  assert.ok(at(make({ ShmSize: 1024 }), '/dev/shm')?.options.includes('size=1024'));
  const sources = { ...request.sources, sharedShm: '/proc/7/root/dev/shm' };
  assert.equal(at(make({ IpcMode: 'container:x' }, { sources }), '/dev/shm')?.source, '/proc/7/root/dev/shm');
  assert.equal(at(make({ IpcMode: 'none' }), '/dev/shm'), undefined);
});

test('the user’s mounts: parents first, in place of the engine’s, with their options', () => {
  const mount = (destination: string, rest: Partial<ContainerMount> = {}): ContainerMount => ({
    type: 'bind',
    source: `/host${destination}`,
    destination,
    mode: '',
    rw: true,
    propagation: 'rprivate',
    ...rest,
  });
  const spec = make(
    {},
    {
      mounts: [
        mount('/a/b/c'),
        mount('/a', { rw: false, propagation: 'rshared' }),
        mount('/etc/hosts'),
        mount('/dev/shm', { type: 'tmpfs', source: '', mode: 'size=1m,exec', propagation: '' }),
        mount('/n', { nonRecursive: true, rw: false, readOnlyNonRecursive: true }),
      ],
    },
  );
  const own = spec.mounts.filter(({ destination }) => ['/a/b/c', '/a', '/n'].includes(destination));
  assert.deepEqual(
    own.map(({ destination, options }) => [destination, options]),
    [
      ['/a', ['rbind', 'rro', 'rshared']],
      ['/n', ['bind', 'ro', 'rprivate']],
      ['/a/b/c', ['rbind', 'rprivate']],
    ],
  );
  assert.equal(spec.mounts.filter(({ destination }) => destination === '/etc/hosts').length, 1);
  assert.equal(at(spec, '/etc/hosts')?.source, '/host/etc/hosts');
  assert.deepEqual(at(spec, '/dev/shm')?.options, ['nosuid', 'nodev', 'size=1m', 'exec', 'rprivate']);
  assert.equal(spec.linux.rootfsPropagation, 'shared');
});

test('tmpfs options that are none are refused by name', () => {
  const tmpfs = (mode: string): OciSpec =>
    make({}, { mounts: [{ type: 'tmpfs', source: '', destination: '/t', mode, rw: true, propagation: '' }] });
  assert.deepEqual(at(tmpfs('size=1m,uid=5,exec,rprivate'), '/t')?.options?.slice(2), [
    'size=1m',
    'uid=5',
    'exec',
    'rprivate',
  ]);
  assert.deepEqual(at(tmpfs('shared'), '/t')?.options?.slice(2), ['nodev', 'shared']);
  for (const mode of ['nope', 'size=1m,nope=1'])
    assert.throws(() => tmpfs(mode), { code: 'invalid', message: 'invalid tmpfs option "nope"' });
});

test('old kernels make a mount read-only without those below it, and say so when that is not enough', () => {
  const mount = {
    type: 'bind' as const,
    source: '/s',
    destination: '/d',
    mode: '',
    rw: false,
    propagation: 'rprivate',
  };
  const old = { ...facts, kernel: '5.4.0-42' };
  const spec = (extra: Partial<ContainerMount>) =>
    containerSpec({ ...request, mounts: [{ ...mount, ...extra }] }, old).mounts.find((m) => m.destination === '/d');
  assert.deepEqual(spec({})?.options, ['rbind', 'ro', 'rprivate']);
  assert.throws(() => spec({ readOnlyForceRecursive: true }), { code: 'invalid', message: /needs Linux 5\.12/ });
  for (const [wishes, other] of [
    [{ rw: true }, '!ReadOnly'],
    [{ readOnlyNonRecursive: true }, 'ReadOnlyNonRecursive'],
  ] as const) {
    const message = `mount options conflict: ${other} && BindOptions.ReadOnlyForceRecursive`;
    assert.throws(() => spec({ readOnlyForceRecursive: true, ...wishes }), { code: 'internal', message });
  }
});

test('AppArmor profiles are named only where AppArmor is on', () => {
  const profile = (appArmor: boolean, ...options: string[]) =>
    containerSpec({ ...request, host: { SecurityOpt: options } }, { ...facts, appArmor }).process.apparmorProfile;
  assert.equal(profile(false, 'apparmor=x'), undefined);
  assert.equal(profile(false), undefined);
  assert.equal(profile(true), 'docker-default');
  assert.equal(profile(true, 'apparmor=x'), 'x');
  assert.equal(profile(true, 'apparmor=unconfined'), undefined);
});

test('read-only root, init, annotations, masked paths of the user', () => {
  const sources = { ...request.sources, init: '/usr/bin/tini-static' };
  const spec = make(
    { ReadonlyRootfs: true, Annotations: { a: 'b' }, MaskedPaths: [], ReadonlyPaths: ['/x'] },
    { sources },
  );
  assert.equal(spec.root.readonly, true);
  assert.equal(at(spec, '/sbin/docker-init')?.source, '/usr/bin/tini-static');
  assert.deepEqual(spec.process.args, ['/sbin/docker-init', '--', 'true']);
  assert.ok(at(spec, '/etc/hosts')?.options.includes('ro'));
  assert.deepEqual(spec.annotations, { a: 'b' });
  assert.deepEqual([spec.linux.maskedPaths, spec.linux.readonlyPaths], [[], ['/x']]);
});

test('in a user namespace ids are mapped, and ping groups are as they are', () => {
  const ranges = [{ containerID: 0, hostID: 5000, size: 10 }];
  const namespaces = { network: '/n', user: '/n.user' };
  const { linux } = containerSpec({ ...request, namespaces }, { ...facts, idRanges: { uids: ranges, gids: ranges } });
  assert.deepEqual(
    linux.namespaces.find(({ type }) => type === 'user'),
    { type: 'user', path: '/n.user' },
  );
  assert.deepEqual([linux.uidMappings, linux.gidMappings], [ranges, ranges]);
  assert.deepEqual(linux.sysctl, { 'net.ipv4.ip_unprivileged_port_start': '0' });
  const { linux: plain } = containerSpec(request, { ...facts, idRanges: { uids: ranges, gids: ranges } });
  assert.equal(plain.uidMappings, undefined);
});

test('cgroups have a parent of their own', () => {
  assert.equal(cgroupPath('ID', {}), '/slipway/ID');
  assert.equal(cgroupPath('ID', { CgroupParent: 'mine/' }), '/mine/ID');
  assert.equal(cgroupPath('ID', { CgroupParent: '../../etc' }), '/etc/ID');
  assert.equal(cgroupPath('ID', { CgroupParent: '/a/b' }), '/a/b/ID');
});
