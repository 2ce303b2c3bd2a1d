import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { openStartFifo } from './start-fifo.ts';

const MODULE = path.join(import.meta.dirname, 'start-fifo.ts');
const HOST = path.join(import.meta.dirname, '../host/linux.ts');

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
    assert.equal(await openStartFifo(linuxHost, state, () => true), true);
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
    assert.equal(await openStartFifo(linuxHost, state, () => alive), true);
  }),
);

test(
  'an engine that is killed when the process has opened the FIFO takes nothing with it',
  withFifo(async (state, fifo) => {
    const waiting = spawn('sh', ['-c', `exec 3>${fifo}; echo open; sleep 0.3; printf 0 >&3`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const script = `const { openStartFifo } = await import(${JSON.stringify(MODULE)}); const { linuxHost } = await import(${JSON.stringify(HOST)});
      await openStartFifo(linuxHost, ${JSON.stringify(state)}, () => true);`;
    const engine = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    await once(waiting.stdout, 'data');
    engine.kill('SIGKILL');
    const [code] = (await once(waiting, 'exit')) as [number | null];
    assert.equal(code, 0);
  }),
);

test(
  'a dead process is an error, not a wait for ever',
  withFifo(async (state) => {
    await assert.rejects(
      openStartFifo(linuxHost, state, () => false),
      { code: 'internal' },
    );
  }),
);

test('without a FIFO the runtime has to be asked', async () => {
  assert.equal(await openStartFifo(linuxHost, '/nonexistent', () => true), false);
});
