#!/usr/bin/env node
// Runs on whatever Node the machine has (18 or newer): brings the npm packages and Node 24, then runs the given tool
// with Node 24. With no tool it runs the whole set-up.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
// Not `npm ci`: where a registry lacks other platforms' optional packages, npm 11 finds the lockfile that was made there
// incomplete and refuses. This installs the same versions and leaves the lockfile as it is.
const INSTALL = ['install', '--no-save', '--ignore-scripts'];
const stamp = path.join(root, 'node_modules', '.slipway-lock');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
}

function installPackages() {
  const wanted = lockHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('setup: installing npm packages (about half a minute the first time) … ');
  const started = Date.now();
  const result = spawnSync('npm', [...INSTALL, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    fail(
      `failed\n${result.stderr ?? ''}${result.stdout ?? ''}\n'npm install' failed: check the connection to the npm registry, then run the command again.`,
    );
  }
  writeFileSync(stamp, wanted);
  process.stderr.write(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

if (process.platform !== 'linux') fail('Slipway builds and tests on Linux only: containers need a Linux kernel.');
installPackages();
const node = path.join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
if (!existsSync(node))
  fail(`Node 24 for ${process.arch} was not installed: delete node_modules and run the command again.`);

const [tool = 'tools/setup.ts', ...args] = process.argv.slice(2);
const child = spawn(node, [path.join(root, tool), ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${path.dirname(node)}:${path.join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    NODE_NO_WARNINGS: '1',
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
