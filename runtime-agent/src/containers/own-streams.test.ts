import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { ownStreams } from './own-streams.ts';

test('pipes get another owner, /dev/null does not', async () => {
  const child = spawn('sh', ['-c', 'sleep 60 </dev/null | cat >/dev/null; :'], { stdio: 'ignore', detached: true });
  const shell = child.pid ?? 0;
  try {
    const pid = await withPipe(shell);
    const before = statSync('/dev/null').uid;
    await ownStreams(pid, { uid: 4321, gid: 4322 });
    const { uid, gid } = statSync(`/proc/${pid}/fd/1`);
    assert.deepEqual([uid, gid], [4321, 4322]);
    assert.equal(statSync('/dev/null').uid, before);
  } finally {
    process.kill(-shell);
  }
});

/** The child of the shell that reads /dev/null and writes into a pipe. */
async function withPipe(shell: number): Promise<number> {
  for (let poll = 0; poll < 1000; poll++) {
    const children = await readFile(`/proc/${shell}/task/${shell}/children`, 'utf8');
    const found = children
      .trim()
      .split(' ')
      .find((pid) => pid !== '' && statSync(`/proc/${pid}/fd/1`, { throwIfNoEntry: false })?.isFIFO());
    if (found !== undefined) return Number(found);
    await sleep(5);
  }
  throw new Error('the shell has not made its pipe');
}
