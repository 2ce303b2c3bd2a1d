import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { atRest } from './at-rest.ts';

test('is done once, some time after the last call', async () => {
  let collected = 0;
  const called = atRest(() => void collected++, 60);
  for (let i = 0; i < 4; i++) {
    await sleep(25);
    called();
  }
  assert.equal(collected, 0);
  await sleep(600);
  assert.equal(collected, 1, 'once');
  called();
  await sleep(400);
  assert.equal(collected, 2, 'and once more');
});

test('is not done in the middle of work that no call begins', async () => {
  let collected = 0;
  atRest(() => void collected++, 40);
  for (const end = Date.now() + 300; Date.now() < end; ) {
    for (const busy = Date.now() + 10; Date.now() < busy; );
    await sleep(1);
  }
  assert.equal(collected, 0);
});

test('the heap shrinks', () => {
  const script = `
    import { atRest, shrinkHeap } from ${JSON.stringify(pathToFileURL(path.join(import.meta.dirname, 'at-rest.ts')).href)};
    let junk = Array.from({ length: 300_000 }, (_, i) => ({ i }));
    junk = undefined;
    const before = process.memoryUsage().heapTotal;
    atRest(shrinkHeap, 50);
    setTimeout(() => console.log(before / process.memoryUsage().heapTotal), 1500);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  assert.ok(Number(stdout) > 2, `${stdout}${stderr}`);
});
