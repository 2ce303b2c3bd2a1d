/** Steps: OCI bundles run to their end without conmon, as a build's RUN does it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSpecFacts } from '../../runtime-agent/src/containers/spec-facts.ts';
import { containerSpec } from '../../runtime-agent/src/containers/spec/spec.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { createStepRunner } from '../../runtime-agent/src/runtime/run-step.ts';
import { findProgram } from '../../tools/setup/run-program.ts';

let directory: string;
let rootfs: string;
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'slipway-step-'));
  rootfs = path.join(directory, 'rootfs');
  mkdirSync(path.join(rootfs, 'bin'), { recursive: true });
  copyFileSync(findProgram('busybox') ?? '/bin/busybox', path.join(rootfs, 'bin/busybox'));
  for (const name of ['sh', 'sleep', 'echo', 'true']) symlinkSync('busybox', path.join(rootfs, 'bin', name));
  for (const name of ['hosts', 'hostname', 'resolv.conf'])
    linuxHost.run('touch', [path.join(directory, name)]).catch(() => {});
});
after(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
interface Stepped {
  readonly result: Promise<number>;
  readonly output: () => string;
}

function step(command: readonly string[], signal?: AbortSignal): Stepped {
  const id = `step-test-${process.pid}-${count++}`;
  const file = (name: string): string => path.join(directory, name);
  const spec = containerSpec(
    {
      id,
      config: { Cmd: [...command] },
      host: {},
      mounts: [],
      rootfs,
      hostname: 'step',
      user: { uid: 0, gid: 0, groups: [0], home: '/root' },
      sources: {
        hostname: file('hostname'),
        hosts: file('hosts'),
        resolvConf: file('resolv.conf'),
        init: undefined,
        sharedShm: undefined,
      },
      namespaces: { network: undefined },
    },
    readSpecFacts({ unusableArchitectures: [], appArmor: false }),
  );
  let text = '';
  const runner = createStepRunner({ host: linuxHost, execRoot: path.join(directory, 'exec') });
  mkdirSync(path.join(directory, 'exec/oci'), { recursive: true });
  const output = (stream: string, chunk: Buffer): void => void (text += `${stream}:${chunk.toString()}`);
  return { result: runner.run({ id, spec, output, ...(signal ? { signal } : {}) }), output: () => text };
}

test('exit codes and output of both streams', async () => {
  const { result, output } = step(['sh', '-c', 'echo out; sleep 0.1; echo err >&2; exit 5']);
  assert.equal(await result, 5);
  assert.equal(output(), 'stdout:out\nstderr:err\n');
});

test('streams can be opened by name', async () => {
  const { result, output } = step([
    'sh',
    '-c',
    'echo out >/dev/stdout; sleep 0.1; echo err | tee /dev/stderr >/dev/null',
  ]);
  assert.equal(await result, 0);
  assert.equal(output(), 'stdout:out\nstderr:err\n');
});

test('a command that is not there is an error in Docker’s words, not an exit code', async () => {
  await assert.rejects(step(['no-such']).result, {
    code: 'invalid',
    message: /OCI runtime create failed: runc create failed: .*exec: "no-such": executable file not found in \$PATH$/,
  });
});

test('a step cannot pretend that the runtime failed', async () => {
  assert.equal(await step(['sh', '-c', 'echo "runc run failed: no" >&2; exit 3']).result, 3);
});

test('an abort kills the step at any moment, and nothing is left', async () => {
  for (const ms of [0, 15, 60, 300]) {
    const cancel = new AbortController();
    const { result } = step(['sh', '-c', 'sleep 300 & sleep 300'], cancel.signal);
    await sleep(ms);
    cancel.abort();
    await assert.rejects(
      result,
      (error: Error & { code?: string }) => error.code === 'cancelled' || error.name === 'AbortError',
    );
  }
  assert.deepEqual(readdirSync(path.join(directory, 'exec/oci')), []);
  assert.deepEqual(readdirSync(path.join(directory, 'exec/bundles')), []);
  assert.equal(existsSync(path.join(rootfs, 'proc')), true, 'mount points stay, mounts do not');
});
