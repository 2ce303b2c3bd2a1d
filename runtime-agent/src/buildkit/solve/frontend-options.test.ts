import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FrontendOptions, frontendRequest } from './frontend-options.ts';

test('options as buildx sends them', () => {
  assert.deepEqual(
    frontendRequest({
      target: 'end',
      platform: 'linux/arm64',
      'image-resolve-mode': 'pull',
      'no-cache': 'a,b',
      'force-network-mode': 'host',
      'build-arg:A': '1',
      'label:l': 'v',
      'add-hosts': 'h=1.2.3.4,i=::1',
      'shm-size': '67108864',
      ulimit: 'nofile=1:2,nproc=3',
      'cgroup-parent': '/p',
      'context:one': 'local:one',
      'context:two::linux/amd64': 'docker-image://busybox',
      'context:three': 'https://x/y.git',
    }),
    {
      target: 'end',
      platform: 'linux/arm64',
      pull: true,
      ignoreCache: false,
      ignoreCacheOf: ['a', 'b'],
      networkMode: 'host',
      buildArgs: { A: '1' },
      labels: { l: 'v' },
      hostConfig: {
        ExtraHosts: ['h:1.2.3.4', 'i:::1'],
        ShmSize: 67_108_864,
        Ulimits: [
          { Name: 'nofile', Soft: 1, Hard: 2 },
          { Name: 'nproc', Soft: 3, Hard: 3 },
        ],
        CgroupParent: '/p',
      },
      contexts: { one: 'local:one', two: 'docker-image://busybox', three: 'https://x/y.git' },
    },
  );
  const plain = frontendRequest({ 'no-cache': '', 'attest:provenance': 'disabled=true' });
  assert.deepEqual([plain.ignoreCache, plain.ignoreCacheOf, plain.networkMode], [true, [], 'default']);
});

test('what is malformed or not there is refused', () => {
  const refused: readonly [FrontendOptions, RegExp][] = [
    [{ platform: 'linux/amd64,linux/arm64' }, /several platforms at once/],
    [{ 'force-network-mode': 'mine' }, /invalid network mode mine/],
    [{ 'attest:sbom': '' }, /attestations \(sbom\) are not there/],
    [{ 'shm-size': 'big' }, /invalid shm-size: big/],
    [{ ulimit: 'nofile' }, /invalid ulimit nofile/],
    [{ 'context:x': 'what' }, /named context x=what/],
  ];
  for (const [options, message] of refused) assert.throws(() => frontendRequest(options), message);
});
