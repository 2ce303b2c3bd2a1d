import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { relayErrors } from './relay-errors.ts';

test('errors of the extension are told as they are written, whole, and nothing else is', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-relay-'));
  const log = path.join(folder, 'server.log');
  try {
    await writeFile(log, '[1][ExtensionHostConnection] <7><stderr> slipway: of an earlier start\n');
    const told: string[] = [];
    {
      using _relay = relayErrors(log, (message) => told.push(message), 20);
      await appendFile(log, '[2] Launched\n[2] <7><stderr> slipway: Cannot reach box');
      await sleep(100);
      assert.deepEqual(told, []);
      await appendFile(log, ':22.\n\n[3] <7><stderr> DeprecationWarning\n[3] <7><stderr> slipway: two\n');
      for (const deadline = Date.now() + 5000; told.length < 2 && Date.now() < deadline; ) await sleep(20);
      assert.deepEqual(told, ['Cannot reach box:22.', 'two']);
    }
    await appendFile(log, '[4] <7><stderr> slipway: three\n');
    await sleep(100);
    assert.equal(told.length, 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
