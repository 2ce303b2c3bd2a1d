import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerProcess } from '#model/slipway-api/debug.ts';
import { chainOf, isLauncher, nodeApps } from './node-app.ts';

function processes(...rows: readonly (readonly [pid: number, parent: number, command: string])[]): ContainerProcess[] {
  return rows.map(([pid, parent, command]) => {
    const argv = command.startsWith('title:') ? [command.slice('title:'.length)] : command.split(' ');
    const node = /^(\/\S*\/)?node$/.test(argv[0] ?? '') || command.startsWith('title:');
    return {
      pid,
      parent,
      hostPid: pid + 1000,
      argv,
      cwd: '/app',
      exe: node ? '/usr/local/bin/node' : '/bin/sh',
      ...(node ? { runtime: 'node' as const } : {}),
      ...(node && isLauncher(argv) ? { launcher: true } : {}),
      ...(command.includes('/opt/slipway/') ? { tooling: true } : {}),
    };
  });
}
const pids = (all: readonly ContainerProcess[]): number[] => nodeApps(all).map(({ pid }) => pid);

test('launchers are told from apps', () => {
  const launchers = [
    'node /usr/local/bin/npm run dev',
    'node /usr/local/lib/node_modules/npm/bin/npm-cli.js start',
    'node /app/node_modules/.bin/nodemon server.js',
    'node --watch server.js',
    'node --watch-path=./src server.js',
    'node /app/.yarn/releases/yarn-4.1.0.cjs dev',
    'node /app/node_modules/tsx/dist/cli.mjs watch app.ts',
    'node /app/node_modules/.bin/cross-env A=1 node x.js',
    'node --test',
  ];
  for (const line of launchers) assert.equal(isLauncher(line.split(' ')), true, line);
  for (const title of ['npm run dev', 'npm start', 'PM2 v5.3.0: God Daemon (/root/.pm2)', 'yarn dev']) {
    assert.equal(isLauncher([title]), true, title);
  }
  const apps = ['node server.js', 'node dist/cli.js serve', 'node npm-app.js', 'node app.js --watch', 'node'];
  for (const line of apps) assert.equal(isLauncher(line.split(' ')), false, line);
});

test('one app behind npm, a shell and nodemon', () => {
  const all = processes(
    [1, 0, 'title:npm run dev'],
    [18, 1, 'sh -c nodemon server.js'],
    [19, 18, 'node /app/node_modules/.bin/nodemon server.js'],
    [31, 19, '/usr/local/bin/node server.js'],
  );
  assert.deepEqual(pids(all), [31]);
  assert.equal(
    chainOf(all[3] as ContainerProcess, all),
    'npm run dev -> node /app/node_modules/.bin/nodemon server.js -> node server.js',
  );
});

test('node --watch: the child is the app', () => {
  assert.deepEqual(pids(processes([1, 0, 'node --watch server.js'], [8, 1, '/usr/local/bin/node server.js'])), [8]);
});

test('a launcher that waits after a crash leaves nothing to debug', () => {
  assert.deepEqual(pids(processes([1, 0, 'node --watch server.js'])), []);
});

test("the app's own helpers are not apps, its cluster workers are", () => {
  const helpers = processes([1, 0, 'node server.js'], [9, 1, 'node render-worker.js'], [10, 9, 'node deeper.js']);
  assert.deepEqual(pids(helpers), [1]);
  const cluster = processes([1, 0, 'node server.js'], [9, 1, 'node server.js'], [10, 1, 'node server.js']);
  assert.deepEqual(pids(cluster), [9, 10]);
  const next = processes([1, 0, 'node /app/node_modules/.bin/next dev'], [9, 1, 'title:next-server (v14.1.0)']);
  assert.deepEqual(pids(next), [9]);
});

test("Slipway's editor server in the container is not an app, what runs in its terminal is", () => {
  const all = processes(
    [1, 0, '/bin/sh -c keep'],
    [20, 1, '/opt/slipway/node /opt/slipway/ide/out/server-main.js'],
    [30, 20, 'bash'],
    [31, 30, 'node server.js'],
  );
  assert.deepEqual(pids(all), [31]);
});

test('independent apps are all offered', () => {
  assert.deepEqual(pids(processes([1, 0, 'sh -c both'], [7, 1, 'node api.js'], [8, 1, 'node jobs.js'])), [7, 8]);
});

test('a loop in the parents does not hang', () => {
  assert.deepEqual(pids(processes([7, 8, 'node a.js'], [8, 7, 'node b.js'])), []);
});
