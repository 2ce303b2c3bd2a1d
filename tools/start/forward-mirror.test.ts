import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { forwardMirror } from './forward-mirror.ts';

test('asks nothing, goes on trying, and stops', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'slipway-forward-'));
  const log = path.join(folder, 'log');
  const program = path.join(folder, 'ssh');
  try {
    // Refuses the first time, as before the host's key is known.
    await writeFile(program, `#!/bin/sh\necho "$*" >>${log}\n[ $(wc -l <${log}) -gt 1 ] || exit 255\nexec sleep 60\n`);
    await chmod(program, 0o755);
    const lines = async (): Promise<string[]> => (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    {
      using _forward = forwardMirror('box', 8641, program, 20);
      for (const deadline = Date.now() + 5000; (await lines()).length < 2 && Date.now() < deadline; ) await sleep(20);
    }
    await sleep(100);
    const tries = await lines();
    assert.equal(tries.length, 2);
    assert.match(tries[0] ?? '', /BatchMode=yes .*-R 127\.0\.0\.1:8641:127\.0\.0\.1:8641 -- box$/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a machine without ssh is no error', async () => {
  using _forward = forwardMirror('box', 8641, '/no/such/ssh', 20);
  await sleep(100);
});
