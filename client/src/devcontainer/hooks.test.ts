import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { EngineError } from '#model/engine-api/errors.ts';
import { runInitialize } from './hooks.ts';
import type { Steps } from './steps.ts';

let folder: string;
let log = '';
const steps = (signal = new AbortController().signal): Steps => ({
  signal,
  begin: (title) => (log += `== ${title}\n`),
  report: () => {},
  log: (text) => (log += text),
});
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-hooks-'));
});
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  log = '';
});

test('commands run one after the other in the folder, output and all in the log', async () => {
  await runInitialize(
    ['echo one > order; echo out; echo err >&2', ['sh', '-c', 'echo two >> order'], ''],
    folder,
    steps(),
  );
  assert.equal(readFileSync(path.join(folder, 'order'), 'utf8'), 'one\ntwo\n');
  assert.match(log, /^== Running initializeCommand\n\$ echo one > order; echo out; echo err >&2\n/);
  assert.match(log, /out\n/);
  assert.match(log, /err\n/);
  assert.match(log, /\$ sh -c 'echo two >> order'\n/);
});

test('named steps run side by side, each line with its name', async () => {
  const a = 'echo a1; while ! [ -e meet ]; do sleep 0.01; done; echo a2';
  await runInitialize([{ a, b: ['touch', 'meet'] }], folder, steps());
  assert.match(log, /\[a\] a1\n/);
  assert.match(log, /\[a\] a2\n/);
  assert.match(log, /\[b\] \$ touch meet\n/);
});

test('a failing command is named and ends it; a missing program and a cancellation, too', async () => {
  const failing = runInitialize(['exit 3', 'echo never > never'], folder, steps());
  await assert.rejects(failing, /^EngineError: initializeCommand failed with exit code 3: exit 3$/);
  assert.equal(log.includes('never'), false);
  await assert.rejects(
    runInitialize([['/no/such/program']], folder, steps()),
    /initializeCommand cannot be run: .*ENOENT/,
  );
  const cancelled = runInitialize(['sleep 30'], folder, steps(AbortSignal.timeout(50)));
  await assert.rejects(cancelled, (error: EngineError) => error.code === 'cancelled');
});
