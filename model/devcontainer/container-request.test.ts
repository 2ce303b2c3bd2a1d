import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DevContainerConfig } from './config.ts';
import { type ContainerRequestInput, containerRequest } from './container-request.ts';
import { lifecycleSteps } from './lifecycle.ts';
import { mergeConfig, readMetadataLabel } from './merge.ts';

function request(config: DevContainerConfig, over: Partial<ContainerRequestInput> = {}) {
  return containerRequest({
    config: mergeConfig([], config),
    image: 'node:20',
    defaults: { Cmd: ['node'], Entrypoint: ['docker-entrypoint.sh'], User: 'node' },
    workspaceMount: { Type: 'bind', Source: '/home/a/app', Target: '/workspaces/app' },
    workspaceFolder: '/workspaces/app',
    labels: { 'devcontainer.local_folder': '/home/a/app' },
    editorMounts: [{ Type: 'bind', Source: '/ide', Target: '/opt/slipway/ide', ReadOnly: true }],
    localEnv: () => undefined,
    ...over,
  });
}

test('the smallest configuration: kept alive, workspace and editor mounted', () => {
  const { request: made, remoteUser, name, problems } = request({ image: 'node:20' });
  assert.deepEqual(problems, []);
  assert.deepEqual([remoteUser, name], ['node', undefined]);
  assert.deepEqual(made, {
    Image: 'node:20',
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c', "trap 'exit 0' TERM INT\nwhile :; do sleep 3600 & wait $!; done", '-'],
    Env: [],
    Labels: { 'devcontainer.local_folder': '/home/a/app' },
    HostConfig: {
      Mounts: [
        { Type: 'bind', Source: '/home/a/app', Target: '/workspaces/app' },
        { Type: 'bind', Source: '/ide', Target: '/opt/slipway/ide', ReadOnly: true },
      ],
    },
  });
});

test('a full one', () => {
  const made = request({
    containerEnv: { A: '1' },
    containerUser: 'root',
    remoteUser: 'dev',
    init: true,
    privileged: true,
    capAdd: ['SYS_PTRACE'],
    securityOpt: ['seccomp=unconfined'],
    mounts: ['source=cache,target=/cache,type=volume'],
    appPort: [3000, '8080:80'],
    overrideCommand: false,
    runArgs: ['-e', 'A=2', '--cap-add=SYS_PTRACE', '--cap-add=NET_RAW', '--network=dev', '--network-alias=api'],
  });
  assert.deepEqual(made.problems, []);
  assert.equal(made.remoteUser, 'dev');
  const { HostConfig, ...rest } = made.request;
  assert.deepEqual(rest, {
    Image: 'node:20',
    Env: ['A=2'],
    Labels: { 'devcontainer.local_folder': '/home/a/app' },
    User: 'root',
    ExposedPorts: { '3000/tcp': {}, '80/tcp': {} },
    NetworkingConfig: { EndpointsConfig: { dev: { Aliases: ['api'] } } },
  });
  assert.deepEqual(HostConfig?.CapAdd, ['SYS_PTRACE', 'NET_RAW']);
  assert.equal(HostConfig?.Init, true);
  assert.deepEqual(HostConfig?.PortBindings, {
    '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '3000' }],
    '80/tcp': [{ HostIp: '', HostPort: '8080' }],
  });
  assert.deepEqual(HostConfig?.Mounts?.[1], { Type: 'volume', Target: '/cache', Source: 'cache' });
});

test('problems carry their place', () => {
  const { problems } = request({ mounts: ['type=bind,target=/x'], appPort: 'a', runArgs: ['--init', '--gpus=all'] });
  assert.deepEqual(
    problems.map(({ path }) => path),
    [['appPort'], ['mounts', 0], ['runArgs', 1]],
  );
});

test("entrypoints of the image's Features run first, then the container's own command", () => {
  const metadata = readMetadataLabel('[{"id":"docker","entrypoint":"/usr/local/share/docker-init.sh"}]');
  const config = mergeConfig(metadata, { image: 'x', overrideCommand: false });
  const { request: made } = request({}, { config });
  const script = '/usr/local/share/docker-init.sh\nexec "$@"';
  assert.deepEqual(made.Cmd, ['-c', script, '-', 'docker-entrypoint.sh', 'node']);
});

test('the label of the image and devcontainer.json are merged', () => {
  const metadata = readMetadataLabel(
    JSON.stringify([
      { id: 'a', init: true, capAdd: ['X'], remoteUser: 'vscode', containerEnv: { A: 'image', B: 'image' }, image: 7 },
      {
        postCreateCommand: ['first', 'x'],
        mounts: ['source=old,target=/data'],
        customizations: { vscode: { extensions: ['a.b'], settings: { x: 1, y: 1 } } },
      },
    ]),
  );
  const merged = mergeConfig(metadata, {
    image: 'img',
    capAdd: ['X', 'Y'],
    containerEnv: { B: 'own' },
    postCreateCommand: 'second',
    mounts: [{ type: 'volume', source: 'new', target: '/data' }, 'broken'],
    customizations: { vscode: { extensions: ['a.b', 'c.d', 5], settings: { y: 2 } } },
  });
  assert.equal(merged.image, 'img');
  assert.equal(merged.init, true);
  assert.equal(merged.remoteUser, 'vscode');
  assert.deepEqual(merged.capAdd, ['X', 'Y']);
  assert.deepEqual(merged.containerEnv, { A: 'image', B: 'own' });
  assert.deepEqual(merged.hooks.postCreateCommand, [['first', 'x'], 'second']);
  assert.deepEqual(merged.mounts, [{ type: 'volume', source: 'new', target: '/data' }, 'broken']);
  assert.deepEqual(merged.extensions, ['a.b', 'c.d']);
  assert.deepEqual(merged.settings, { x: 1, y: 2 });
});

test('a malformed label is no obstacle', () => {
  for (const label of [undefined, '', 'nonsense', '5', '[1, null]']) {
    assert.equal(mergeConfig(readMetadataLabel(label), { image: 'x' }).image, 'x');
  }
  assert.deepEqual(readMetadataLabel('{"remoteUser":"a","capAdd":"x"}'), [{ remoteUser: 'a' }]);
});

test('the three forms of a lifecycle command', () => {
  assert.deepEqual(lifecycleSteps('npm ci && x'), [
    { name: undefined, argv: ['/bin/sh', '-c', 'npm ci && x'], display: 'npm ci && x' },
  ]);
  assert.deepEqual(lifecycleSteps(['echo', "it's here"]), [
    { name: undefined, argv: ['echo', "it's here"], display: `echo 'it'\\''s here'` },
  ]);
  assert.deepEqual(
    lifecycleSteps({ server: 'npm start', db: ['pg', '-D', '/x'] }).map(({ name, argv }) => [name, argv.length]),
    [
      ['server', 3],
      ['db', 3],
    ],
  );
  assert.deepEqual(lifecycleSteps(''), []);
  assert.deepEqual(lifecycleSteps([]), []);
});
