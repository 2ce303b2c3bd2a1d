/** A large build context must not become as much memory of the engine. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { docker } from '../support/docker.ts';
import { startTestEngine } from '../support/engine.ts';

const FILES = 5_000;
const SIZE = 40_000;
const LIMIT_MB = 300;

/** Of the engine's process, in MB: the most it ever was. */
function peakOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test('5,000 files, 200 MB: built, built again, and changed, within 300 MB', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-large-context-'));
  try {
    await using engine = await startTestEngine();
    writeFileSync(path.join(folder, 'Dockerfile'), 'FROM busybox\nCOPY . /files\nRUN ls /files/d1 | wc -l\n');
    for (let i = 0; i < FILES; i++) {
      const directory = path.join(folder, `d${i % 200}`);
      if (i < 200) mkdirSync(directory);
      writeFileSync(path.join(directory, `f${i}`), Buffer.alloc(SIZE, i % 251));
    }
    await docker(engine, 'pull', '-q', 'busybox');
    const build = async (): Promise<string> => (await docker(engine, 'build', '-q', '-t', 'large', folder)).stdout;
    const first = await build();
    assert.equal(await build(), first);
    writeFileSync(path.join(folder, 'd7', 'f7'), 'changed');
    assert.notEqual(await build(), first);
    const peak = peakOf(engine.pid);
    assert.ok(peak < LIMIT_MB, `the engine took ${peak.toFixed(0)} MB`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
