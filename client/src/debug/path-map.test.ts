import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachConfiguration } from './attach-configuration.ts';
import { localFolders, type PathMapInput, rootsFor } from './path-map.ts';

const base: PathMapInput = {
  mounts: [
    { source: '/home/ann/app', destination: '/workspaces/app' },
    { source: '/home/ann/lib', destination: '/workspaces/app/lib/' },
    { source: '/var/lib/volumes/x/_data', destination: '/data' },
  ],
  cwd: '/workspaces/app',
  script: 'server.js',
  localOf: localFolders([], true),
  workspaceFolder: '/home/ann/app',
};

test('the mount over the program gives the roots', () => {
  assert.deepEqual(rootsFor(base), { localRoot: '/home/ann/app', remoteRoot: '/workspaces/app' });
  assert.deepEqual(rootsFor({ ...base, cwd: '/workspaces/app/sub', script: undefined })?.remoteRoot, '/workspaces/app');
});

test('the innermost mount wins, and the script counts before the working directory', () => {
  assert.deepEqual(rootsFor({ ...base, script: 'lib/main.js' }), {
    localRoot: '/home/ann/lib',
    remoteRoot: '/workspaces/app/lib',
  });
  assert.deepEqual(rootsFor({ ...base, cwd: '/', script: '/workspaces/app/x.js' })?.remoteRoot, '/workspaces/app');
  assert.equal(
    rootsFor({ ...base, mounts: [{ source: '/a', destination: '/work' }], cwd: '/workspace' })?.localRoot,
    '/home/ann/app',
  );
});

test('a synced copy stands for the local folder', () => {
  const mounts = [{ source: '/var/lib/slipway/workspaces/app-1/api', destination: '/app' }];
  const pairs = [{ local: 'C:\\src\\app', host: '/var/lib/slipway/workspaces/app-1' }];
  const localOf = localFolders(pairs, false);
  assert.deepEqual(rootsFor({ ...base, mounts, cwd: '/app', localOf }), {
    localRoot: 'C:\\src\\app\\api',
    remoteRoot: '/app',
  });
  assert.equal(localOf('/var/lib/slipway/workspaces/app-10'), undefined);
  assert.equal(localOf('/var/lib/slipway/workspaces/app-1'), 'C:\\src\\app');
});

test('sources copied into the image: the workspace is the working directory', () => {
  const copied = { ...base, mounts: [], cwd: '/usr/src/app' };
  assert.deepEqual(rootsFor(copied), { localRoot: '/home/ann/app', remoteRoot: '/usr/src/app' });
  assert.equal(rootsFor({ ...copied, workspaceFolder: undefined }), undefined);
  assert.equal(rootsFor({ ...copied, cwd: '/' }), undefined);
});

test('the configuration for the debugger', () => {
  const target = { argv: ['node', '--enable-source-maps', 'dist/server.js', 'x'] };
  const roots = { localRoot: '/home/ann/app', remoteRoot: '/app' };
  const made = attachConfiguration('api', target, roots, 40_123);
  assert.deepEqual(
    [made.type, made.request, made.name, made.address, made.port, made.localRoot, made.remoteRoot],
    ['pwa-node', 'attach', 'api: server.js', '127.0.0.1', 40_123, '/home/ann/app', '/app'],
  );
  assert.ok(made.resolveSourceMapLocations.includes('/app/**'));
  assert.equal('localRoot' in attachConfiguration('api', target, undefined, 1), false);
  assert.equal(attachConfiguration('api', { argv: ['node'] }, undefined, 1).name, 'api: node');
});
