import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { readLog } from './log-read.ts';
import { packOldLogs } from './packed-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-packed-'));
  for (const [name, number] of [
    ['current', 3],
    ['1', 2],
    ['2', 1],
  ] as const)
    writeFileSync(path.join(folder, name), lines(number));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lines as conmon writes them, enough for several blocks. */
function lines(file: number): string {
  const stamp = '2026-11-22T01:36:54.293086600+00:00 stdout F ';
  return Array.from({ length: 5000 }, (_, i) => `${stamp}file ${file} line ${i}\n`).join('');
}

async function read(tail?: number): Promise<string[]> {
  let text = '';
  for await (const chunk of readLog(folder, { tail })) text += chunk.toString();
  return text.split('\n').map((line) => line.slice(45));
}

test('packed logs are read like others, whole and from the end, and leave no copies', async () => {
  const [whole, last] = [await read(), await read(12_345)];
  await packOldLogs(folder, () => false);
  assert.deepEqual(readdirSync(folder).sort(), ['1.gz', '2.gz', 'current']);
  assert.deepEqual(await read(), whole);
  assert.deepEqual(await read(12_345), last);
  assert.equal(last[0], 'file 1 line 2655');
  await packOldLogs(folder, () => false);
  assert.deepEqual(readdirSync(folder).sort(), ['1.gz', '2.gz', 'current']);
});

test('nothing is packed under a reader, not even one that came meanwhile', async () => {
  await packOldLogs(folder, () => true);
  let asked = 0;
  await packOldLogs(folder, () => asked++ > 0);
  assert.deepEqual(readdirSync(folder).sort(), ['1', '2', 'current']);
});
