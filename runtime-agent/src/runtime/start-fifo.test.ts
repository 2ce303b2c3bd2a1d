import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openStartFifo } from './start-fifo.ts';

function withFifo(check: (state: string, fifo: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const state = mkdtempSync(path.join(tmpdir(), 'slipway-fifo-'));
    try {
      const fifo = path.join(state, 'exec.fifo');
      execFileSync('mkfifo', [fifo]);
      await check(state, fifo);
    } finally {
      rmSync(state, { recursive: true });
    }
  };
}

test(
  'a process that waits at the FIFO goes on',
  withFifo(async (state, fifo) => {
    const waiting = spawn('sh', ['-c', `printf 0 > ${fifo}`]);
    const ended = new Promise((resolve) => waiting.on('exit', resolve));
    assert.equal(await openStartFifo(state, () => true), true);
    assert.equal(await ended, 0);
    assert.equal(existsSync(fifo), false);
  }),
);

test(
  'a process that is through and gone before anybody looks has been started',
  withFifo(async (state, fifo) => {
    const waiting = spawn('sh', ['-c', `printf 0 > ${fifo}`]);
    let alive = true;
    waiting.on('exit', () => (alive = false));
    assert.equal(await openStartFifo(state, () => alive), true);
  }),
);

test(
  'a dead process is an error, not a wait for ever',
  withFifo(async (state) => {
    await assert.rejects(
      openStartFifo(state, () => false),
      { code: 'internal' },
    );
  }),
);

test('without a FIFO the runtime has to be asked', async () => {
  assert.equal(await openStartFifo('/nonexistent', () => true), false);
});
