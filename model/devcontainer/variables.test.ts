import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseName, expandContainer, expandLocal, type VariableContext } from './variables.ts';
import { expandConfig, workspacePlan } from './workspace.ts';

const context: VariableContext = {
  localWorkspaceFolder: '/home/ann/my app',
  containerWorkspaceFolder: '/workspaces/my app',
  localEnv: (name) => ({ HOME: '/home/ann', EMPTY: '' })[name],
  devcontainerId: 'abc123',
};

test('every variable of the specification', () => {
  const cases = {
    '${localWorkspaceFolder}': '/home/ann/my app',
    '${localWorkspaceFolderBasename}': 'my app',
    '${containerWorkspaceFolder}': '/workspaces/my app',
    '${containerWorkspaceFolderBasename}': 'my app',
    '${devcontainerId}-data': 'abc123-data',
    '${localEnv:HOME}/.ssh': '/home/ann/.ssh',
    '${env:HOME}': '/home/ann',
    '${localEnv:NONE}': '',
    '${localEnv:NONE:http://x:1}': 'http://x:1',
    '${localEnv:EMPTY:default}': '',
    '${containerEnv:PATH}': '${containerEnv:PATH}',
    '${unknown} $HOME ${localEnv}': '${unknown} $HOME ${localEnv}',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(expandLocal(text, context), expected, text);
});

test('strings are found at any depth; keys and other values stay', () => {
  const value = { '${env:HOME}': ['${env:HOME}', 1, null, { deep: '${devcontainerId}' }] };
  assert.deepEqual(expandLocal(value, context), { '${env:HOME}': ['/home/ann', 1, null, { deep: 'abc123' }] });
});

test("the container's environment comes later", () => {
  const env = { PATH: '/usr/bin' };
  const value = { PATH: '${containerEnv:PATH}:/x', A: '${containerEnv:NONE:d:e}', B: '${containerEnv:NONE}' };
  assert.deepEqual(expandContainer(value, env), { PATH: '/usr/bin:/x', A: 'd:e', B: '' });
});

test('base names of POSIX and Windows paths', () => {
  assert.deepEqual(['/a/b/', 'C:\\x\\y', '/', 'plain'].map(baseName), ['b', 'y', '', 'plain']);
});

test('the workspace is mounted under its own name unless the configuration says otherwise', () => {
  assert.deepEqual(workspacePlan({}, '/srv/copy', context), {
    folder: '/workspaces/my app',
    mount: { Type: 'bind', Source: '/srv/copy', Target: '/workspaces/my app' },
  });
  assert.deepEqual(workspacePlan({ workspaceFolder: '/app' }, '/srv/copy', context), {
    folder: '/app',
    mount: { Type: 'bind', Source: '/srv/copy', Target: '/app' },
  });
  const workspaceMount = 'type=bind,source=${localWorkspaceFolder}/sub,target=/src,consistency=cached';
  assert.deepEqual(workspacePlan({ workspaceFolder: '/src/x', workspaceMount }, '/srv/copy', context), {
    folder: '/src/x',
    mount: { Type: 'bind', Source: '/srv/copy/sub', Target: '/src' },
  });
  assert.equal(workspacePlan({ workspaceFolder: '/x', workspaceMount: '' }, '/srv/copy', context).mount, undefined);
});

test("mounts mean the host's copy of the folder, the rest the local one", () => {
  const source = 'type=bind,source=${localWorkspaceFolder}/data,target=/data';
  const config = { mounts: [source], runArgs: ['-v', '${localWorkspaceFolder}:/x'], name: '${localWorkspaceFolder}' };
  assert.deepEqual(expandConfig(config, '/srv/copy', context), {
    mounts: ['type=bind,source=/srv/copy/data,target=/data'],
    runArgs: ['-v', '/srv/copy:/x'],
    name: '/home/ann/my app',
  });
});
