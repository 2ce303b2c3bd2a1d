import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { feedFifo, releaseReader } from './feed-fifo.ts';

const never = new AbortController().signal;

async function withFifo(work: (fifo: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-feed-'));
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  try {
    await work(fifo);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a reader that comes late gets all of it, however much it is', () =>
  withFifo(async (fifo) => {
    const data = Buffer.alloc(1024 * 1024, 'slipway ');
    const feeding = feedFifo(fifo, data, never);
    await sleep(20);
    assert.deepEqual(await readFile(fifo), data);
    await feeding;
  }));

test('a reader that goes away, or never comes, is no error', () =>
  withFifo(async (fifo) => {
    const feeding = feedFifo(fifo, Buffer.alloc(1024 * 1024), never);
    const reader = await open(fifo, 'r');
    await reader.read(Buffer.alloc(10));
    await reader.close();
    await feeding;
    await feedFifo(fifo, Buffer.from('nobody'), AbortSignal.timeout(20));
  }));

test('a waiting reader is released', () =>
  withFifo(async (fifo) => {
    const waiting = readFile(fifo, 'utf8');
    await sleep(20);
    releaseReader(fifo);
    assert.equal(await waiting, '');
    releaseReader(fifo);
    releaseReader(path.join(fifo, 'nowhere'));
  }));
