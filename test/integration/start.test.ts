/** Step 1: `npm start`, on a machine of its own that reaches no registry. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { docker } from '../support/docker.ts';
import { type Machine, pidOfChild, startMachine } from '../support/machine.ts';
import { interrupt as sendInterrupt, npmStart, type Started } from '../support/npm-start.ts';

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

const start = (...args: string[]): Started => npmStart(path.join(machine.folder, 'home'), args, machine.spawn);

/** nsenter would keep the signal to itself. */
const interrupt = async (started: Started): Promise<number | null> =>
  await sendInterrupt(started, await pidOfChild(started.process.pid ?? 0));

/** Processes whose command line has this in it; the brackets keep grep from finding itself. */
const running = (what: string): string =>
  machine.run(`grep -l -a '[${what[0]}]${what.slice(1)}' /proc/[0-9]*/cmdline || true`);

test('npm start: one address, an engine, images though there is no registry; Ctrl-C stops it', { skip }, async () => {
  const started = start();
  const url = await started.readyUrl(FIRST_MS);
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
  await started.readyUrl(FIRST_MS);
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
  assert.match(await started.readyUrl(FIRST_MS), new RegExp(`^http://127.0.0.1:9321/.folder=${machine.folder}&tkn=`));
  assert.equal(await interrupt(started), 0);
});

test('--help and mistakes', { skip }, async () => {
  for (const [args, code, text] of [
    [['--help'], 0, /--workspace DIR/],
    [['--workspace', '/no/such/folder'], 1, /no\/such\/folder: there is no such folder/],
    [['--ssh', 'nowhere.invalid'], 1, /^--ssh nowhere\.invalid: Cannot reach nowhere\.invalid:22: there is no host of/],
    [['--ssh', '127.0.0.1'], 1, /^--ssh 127\.0\.0\.1: Cannot reach 127\.0\.0\.1:22: connection refused\. Is sshd/],
    [['--nonsense'], 1, /Unknown option '--nonsense'/],
  ] as const) {
    const started = start(...args);
    await once(started.process, 'close');
    assert.equal(started.process.exitCode, code);
    assert.match(started.output(), text);
  }
});
