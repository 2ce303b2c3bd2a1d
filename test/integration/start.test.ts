/** Step 1: `npm start`, on a machine of its own that reaches no registry. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { cachePath } from '../../tools/setup/cache.ts';
import { docker } from '../support/docker.ts';
import { type Machine, pidOfChild, startMachine, waitFor } from '../support/machine.ts';

const START = path.resolve(import.meta.dirname, '../../tools/start/main.ts');
const FIRST_MS = 60_000;
const SECOND_MS = 5000;
const skip = process.getuid?.() !== 0 && 'needs root';

let machine: Machine;
before(async () => {
  if (skip !== false) return;
  const own = ['/var/lib/slipway', '/run/slipway'];
  machine = await startMachine({ name: 'fresh', own, main: 'exec sleep infinity' });
});
after(async () => {
  await machine?.[Symbol.asyncDispose]();
});

interface Started {
  readonly process: ChildProcess;
  output(): string;
}

function start(...args: string[]): Started {
  const { NODE_TEST_CONTEXT: _, ...ours } = process.env;
  const env = { ...ours, HOME: path.join(machine.folder, 'home'), XDG_CACHE_HOME: path.dirname(cachePath()) };
  const child = machine.spawn(process.execPath, ['--no-warnings', START, ...args], env);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { process: child, output: () => output };
}

async function readyUrl(started: Started, timeoutMs: number): Promise<string> {
  await waitFor(
    () => / is ready: /.test(started.output()) || started.process.exitCode !== null,
    () => `npm start did not get ready:\n${started.output()}`,
    timeoutMs,
  );
  return /^Slipway is ready: (http:\/\/127\.0\.0\.1:\d+\/\?folder=\S+)$/m.exec(started.output())?.[1] ?? '';
}

/** As Ctrl-C does; nsenter would keep the signal to itself. */
async function interrupt(started: Started): Promise<number | null> {
  const exited = once(started.process, 'exit');
  process.kill(await pidOfChild(started.process.pid ?? 0), 'SIGINT');
  await exited;
  return started.process.exitCode;
}

/** Processes whose command line has this in it; the brackets keep grep from finding itself. */
const running = (what: string): string =>
  machine.run(`grep -l -a '[${what[0]}]${what.slice(1)}' /proc/[0-9]*/cmdline || true`);

test('npm start: one address, an engine, images though there is no registry; Ctrl-C stops it', { skip }, async () => {
  const started = start();
  const url = await readyUrl(started, FIRST_MS);
  assert.match(started.output(), /no public registry answers here: node:20-slim/);
  assert.ok(started.output().endsWith(`Slipway is ready: ${url}\n`), 'the address comes last');
  assert.equal(new URL(url).searchParams.get('folder'), path.join(machine.folder, 'home/slipway-sample'));
  const ask = `fetch("${url}", { redirect: "manual" }).then(({ status }) => console.log(status))`;
  assert.equal(machine.run(`${process.execPath} -e '${ask}'`), '302\n', 'the token is taken');
  await docker(machine, 'run', '--detach', '--name', 'lives-on', 'busybox', 'sleep', '600');
  assert.equal(await interrupt(started), 0);
  assert.equal(running('server-main.js'), '');
  assert.equal(running('docker-registry'), '');
  assert.equal(running('slipway.sock'), '', 'the engine has ended');
  assert.notEqual(running('sleep.600'), '', 'the container has not');
});

test('the second start takes less than five seconds and finds the container', { skip }, async () => {
  const before = Date.now();
  const started = start();
  await readyUrl(started, FIRST_MS);
  assert.ok(Date.now() - before < SECOND_MS, started.output());
  assert.match((await docker(machine, 'ps', '--format', '{{.Names}}')).stdout, /^lives-on$/m);
  const second = start();
  await once(second.process, 'exit');
  assert.equal(second.process.exitCode, 1);
  assert.match(second.output(), /^Port 8642 is taken, perhaps by another 'npm start'\. .*--port 8643\n$/);
  assert.equal(await interrupt(started), 0);
});

test('--workspace and --port', { skip }, async () => {
  const started = start('--workspace', machine.folder, '--port', '9321');
  assert.match(await readyUrl(started, FIRST_MS), new RegExp(`^http://127.0.0.1:9321/.folder=${machine.folder}&tkn=`));
  assert.equal(await interrupt(started), 0);
});

test('--help and mistakes', { skip }, async () => {
  for (const [args, code, text] of [
    [['--help'], 0, /--workspace DIR/],
    [['--workspace', '/no/such/folder'], 1, /no\/such\/folder: there is no such folder/],
    [['--nonsense'], 1, /Unknown option '--nonsense'/],
  ] as const) {
    const started = start(...args);
    await once(started.process, 'close');
    assert.equal(started.process.exitCode, code);
    assert.match(started.output(), text);
  }
});
