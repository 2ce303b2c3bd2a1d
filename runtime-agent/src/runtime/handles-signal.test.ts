import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { handlesIn, handlesSignal } from './handles-signal.ts';

const [SIGUSR1, SIGTERM] = [10, 15];

test('a handler is seen, another signal has none', async () => {
  const child = spawn('sh', ['-c', 'trap "exit 3" TERM; echo ready; while :; do sleep 0.05; done']);
  await once(child.stdout, 'data');
  assert.equal(handlesSignal(child.pid ?? 0, SIGTERM), true);
  assert.equal(handlesSignal(child.pid ?? 0, SIGUSR1), false);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [3, null]);
});

test('nobody handles all, and the runtime nothing', () => {
  assert.equal(handlesSignal(2 ** 22 + 1, SIGTERM), true);
  assert.equal(handlesIn('Name:\trunc:[2:INIT]\nSigCgt:\tfffffffffffffeff\n', SIGTERM), false);
  assert.equal(handlesIn('Name:\tsh\nSigCgt:\t0000000000004000\n', SIGTERM), true);
});
