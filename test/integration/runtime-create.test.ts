/** Containers whose runtime is started before their spec is ready: what a killed engine leaves of them is swept. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { createRuntime } from '../../runtime-agent/src/runtime/runtime.ts';
import { until } from '../support/containers.ts';

function commandsWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(text));
}

test('a runtime that waits for a spec that nobody will write ends with the next start of the engine', async () => {
  const execRoot = mkdtempSync(path.join(tmpdir(), 'slipway-create-'));
  try {
    createRuntime({ host: linuxHost, execRoot });
    await until('FIFOs are there', async () => readdirSync(path.join(execRoot, 'fifos')).length === 128);
    const killed = createRuntime({ host: linuxHost, execRoot });
    const never = new Promise<object>(() => {});
    const request = { id: 'waiting', terminal: false, stdin: false, leaveStdinOpen: false };
    void killed.create({ ...request, spec: never, logFile: path.join(execRoot, 'log') }).catch(() => {});
    await until('the runtime waits', async () => commandsWith(`create --bundle ${execRoot}`).length > 0);

    await createRuntime({ host: linuxHost, execRoot }).sweep(new Set());
    await until('conmon and runtime have ended', async () => commandsWith(execRoot).length === 0);
    assert.deepEqual(readdirSync(path.join(execRoot, 'bundles')), []);
    assert.deepEqual(readdirSync(path.join(execRoot, 'oci')), []);
  } finally {
    rmSync(execRoot, { recursive: true });
  }
});

test('a runtime that is not runc finds its spec as a file', async () => {
  const execRoot = mkdtempSync(path.join(tmpdir(), 'slipway-create-'));
  try {
    // Reads the spec twice, fails, and says what it saw.
    const ociRuntime = path.join(execRoot, 'other');
    const script = 'wc -c <config.json >&2; wc -c <config.json >&2; exit 1';
    writeFileSync(ociRuntime, `#!/bin/sh\nfor word; do [ "$word" = create ] || continue; cd "$4"; ${script}; done\n`);
    chmodSync(ociRuntime, 0o755);
    const runtime = createRuntime({ host: linuxHost, execRoot, ociRuntime });
    const request = { id: 'other', terminal: false, stdin: false, leaveStdinOpen: false };
    const created = runtime.create({ ...request, spec: Promise.resolve({}), logFile: path.join(execRoot, 'log') });
    await assert.rejects(created, /2\n2/);
  } finally {
    rmSync(execRoot, { recursive: true });
  }
});
