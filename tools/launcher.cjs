#!/usr/bin/env node
// The `slipway` command, built to dist/slipway. Runs under whatever Node calls it; the engine needs Node 24, so it looks
// for one: the package's own, one under ~/.slipway, or a newer `node` on the PATH.
const { spawn, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { homedir } = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const NEEDED = 24;
const NEEDED_TO_LINT = 22;
const [command, ...rest] = process.argv.slice(2);
const major = (version) => Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);

function findNode() {
  if (major(process.version) >= NEEDED) return process.execPath;
  const own = path.join(`node-linux-${process.arch}`, 'bin', 'node');
  const candidates = [
    path.join(__dirname, '..', 'node_modules', own),
    path.join(__dirname, '..', '..', own),
    path.join(homedir(), '.slipway', 'node', 'bin', 'node'),
    ...(process.env.PATH ?? '').split(':').map((folder) => path.join(folder, 'node')),
  ];
  return candidates.find((file) => {
    if (!existsSync(file)) return false;
    return major(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '') >= NEEDED;
  });
}

async function main() {
  if (command === '--version' || command === '-v' || command === 'version') {
    console.log(`slipway ${require('./package.json').version}`);
    return;
  }
  if (command === 'lint' && major(process.version) >= NEEDED_TO_LINT) {
    const { main: lint } = require('./server/compiled.cjs').load('lint.cjs');
    process.exitCode = await lint(rest);
    return;
  }
  if (command === 'language-server' && major(process.version) >= NEEDED_TO_LINT) {
    const server = path.join(__dirname, 'server', 'main.cjs');
    process.argv.splice(1, 2, server); // as if it was started itself
    require(server);
    return;
  }
  const agent = path.join(__dirname, 'agent', 'agent.mjs');
  const node = findNode();
  if (node === undefined) {
    console.error(
      `slipway: needs Node ${NEEDED} or newer, and this is ${process.version}. Install it with 'npm install -g node@${NEEDED}'.`,
    );
    process.exitCode = 1;
    return;
  }
  if (node === process.execPath) {
    await import(pathToFileURL(agent).href);
    return;
  }
  const script = command === 'lint' || command === 'language-server' ? __filename : agent;
  const child = spawn(node, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

void main();
