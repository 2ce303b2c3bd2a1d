import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchExits } from './exit-watch.ts';

/** As conmon does: a temporary file, then a rename. */
function leave(directory: string, id: string, code: number): void {
  const temporary = path.join(directory, `${id}.TMP`);
  writeFileSync(temporary, String(code));
  renameSync(temporary, path.join(directory, id));
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await sleep(10);
  assert.ok(condition());
}

test('each exit is told once, also when the same container ends again; older files are found, not told', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'slipway-exits-'));
  try {
    leave(directory, 'old', 7);
    const seen: [string, number][] = [];
    using exits = watchExits(directory, (exit) => seen.push([exit.id, exit.code]));
    leave(directory, 'aa', 3);
    await until(() => seen.length === 1);
    rmSync(path.join(directory, 'aa'));
    leave(directory, 'aa', 4);
    await until(() => seen.length === 2);
    leave(directory, 'aa', 5);
    await until(() => seen.length === 3);
    assert.deepEqual(seen, [
      ['aa', 3],
      ['aa', 4],
      ['aa', 5],
    ]);
    assert.equal(exits.find('old')?.code, 7);
    assert.equal(exits.find('none'), undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
