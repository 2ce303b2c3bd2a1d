import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mountOf } from './mounts.ts';
import { parseBytes } from './run-arg-values.ts';
import { applyRunArgs, type ContainerDraft, emptyDraft } from './run-args.ts';

function apply(...args: readonly string[]): { draft: ContainerDraft; problems: string[] } {
  const draft = emptyDraft();
  const problems = applyRunArgs(draft, args, (name) => (name === 'HOME' ? '/home/ann' : undefined));
  return { draft, problems: problems.map(({ index, message }) => `${index} ${message}`) };
}

test('options in all their spellings', () => {
  const line = `--init --privileged=false --cap-add=SYS_PTRACE --cap-add NET_ADMIN -eA=1 -e B=x=y --env HOME -e UNSET
    --network host --name=api -u 1000:1000 -h box -m 512m --shm-size=1g --cpus 1.5 --add-host=db:10.0.0.1
    --security-opt seccomp=unconfined --label a=b=c -v /a:/b:ro --tmpfs /t:size=1m --device=/dev/fuse
    --ulimit=nofile=10:20 --restart=on-failure:3 --sysctl net.core.somaxconn=1024 --pids-limit -1 --read-only
    --mount type=volume,source=v,target=/v --network-alias web --expose=90 --entrypoint tini`;
  const { draft, problems } = apply(...line.split(/\s+/));
  assert.deepEqual(problems, []);
  assert.deepEqual([draft.name, draft.user, draft.hostname, draft.entrypoint], ['api', '1000:1000', 'box', ['tini']]);
  assert.deepEqual(
    [...draft.env],
    [
      ['A', '1'],
      ['B', 'x=y'],
      ['HOME', '/home/ann'],
    ],
  );
  assert.deepEqual([...draft.labels], [['a', 'b=c']]);
  assert.deepEqual([...draft.exposedPorts], ['90/tcp']);
  assert.deepEqual(draft.networkAliases, ['web']);
  assert.deepEqual(draft.host, {
    Init: true,
    Privileged: false,
    CapAdd: ['SYS_PTRACE', 'NET_ADMIN'],
    NetworkMode: 'host',
    Memory: 536_870_912,
    ShmSize: 1_073_741_824,
    NanoCpus: 1_500_000_000,
    ExtraHosts: ['db:10.0.0.1'],
    SecurityOpt: ['seccomp=unconfined'],
    Binds: ['/a:/b:ro'],
    Tmpfs: { '/t': 'size=1m' },
    Devices: [{ PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' }],
    Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    Sysctls: { 'net.core.somaxconn': '1024' },
    PidsLimit: -1,
    ReadonlyRootfs: true,
    Mounts: [{ Type: 'volume', Target: '/v', Source: 'v' }],
  });
});

test('published ports', () => {
  const { draft, problems } = apply(
    '-p',
    '8080:80',
    '-p=127.0.0.1:9000-9001:90-91/udp',
    '-p',
    '3000',
    '-p',
    '[::1]:1:1',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(draft.host.PortBindings, {
    '80/tcp': [{ HostIp: '', HostPort: '8080' }],
    '90/udp': [{ HostIp: '127.0.0.1', HostPort: '9000' }],
    '91/udp': [{ HostIp: '127.0.0.1', HostPort: '9001' }],
    '3000/tcp': [{ HostIp: '', HostPort: '' }],
    '1/tcp': [{ HostIp: '::1', HostPort: '1' }],
  });
  assert.deepEqual([...draft.exposedPorts], ['80/tcp', '90/udp', '91/udp', '3000/tcp', '1/tcp']);
});

test('what cannot be honoured is told at its place', () => {
  assert.deepEqual(apply('--init', '--gpus=all', '--memory', 'much', '--rm', '-p', 'x:y', '--name').problems, [
    '1 runArgs: --gpus is not supported',
    '2 runArgs: --memory: "much" is not a size such as 512m or 2g',
    '4 runArgs: --rm is not supported',
    '5 runArgs: -p: "x:y" is not a port such as 8080:80 or 127.0.0.1:8080:80',
    '7 runArgs: --name: a value is missing',
  ]);
});

test('sizes', () => {
  const cases = { '1': 1, '1b': 1, '2k': 2048, '2KB': 2048, '1.5GiB': 1_610_612_736, '-1': -1 };
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseBytes(text), bytes, text);
  for (const bad of ['', 'm', '1x', '1 0', '-2']) assert.throws(() => parseBytes(bad), /not a size/, bad);
});

test('mounts', () => {
  assert.deepEqual(mountOf('type=bind,src=/a,dst=/b,readonly'), {
    Type: 'bind',
    Target: '/b',
    Source: '/a',
    ReadOnly: true,
  });
  assert.deepEqual(mountOf('source=v,target=/v'), { Type: 'volume', Target: '/v', Source: 'v' });
  assert.deepEqual(mountOf('type=tmpfs,destination=/t,ro=false'), { Type: 'tmpfs', Target: '/t' });
  assert.deepEqual(mountOf({ type: 'bind', source: '/a=b', target: '/b' }), {
    Type: 'bind',
    Target: '/b',
    Source: '/a=b',
  });
  assert.throws(() => mountOf('type=bind,target=/b'), /source is missing/);
  assert.throws(() => mountOf('type=nfs,source=a,target=/b'), /nfs is not one of/);
  assert.throws(() => mountOf('source=a,target=b'), /absolute/);
  assert.throws(() => mountOf('source=a,target=/b,volume-driver=x'), /volume-driver is not supported/);
});

test('no list of arguments makes it throw', () => {
  const parts = [
    '--init',
    '-p',
    '-e',
    '--mount',
    '--ulimit=',
    '--cpus',
    'x',
    '1',
    '-',
    '--',
    '',
    'a=b',
    '-v',
    '--device',
  ];
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...parts), fc.string())), (args) => {
      for (const { index } of applyRunArgs(emptyDraft(), args, () => undefined)) assert.ok(index < args.length);
    }),
  );
});
