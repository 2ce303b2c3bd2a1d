import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { linuxHost } from '../host/linux.ts';
import { createFifos } from './fifos.ts';

test('FIFOs are made in one go, placed, taken back, and found again', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-fifos-'));
  const folder = path.join(root, 'fifos');
  let programs = 0;
  const host = {
    ...linuxHost,
    run: (...args: Parameters<typeof linuxHost.run>) => (programs++, linuxHost.run(...args)),
  };
  try {
    const fifos = createFifos({ host, folder });
    const target = path.join(root, 'config.json');
    assert.equal(fifos.place(target), false, 'none is there at once');
    const deadline = Date.now() + 10_000;
    while (!fifos.place(target)) {
      assert.ok(Date.now() < deadline);
      await sleep(5);
    }
    assert.ok(statSync(target).isFIFO());
    assert.equal(statSync(target).mode & 0o777, 0o600);
    const left = readdirSync(folder).length;
    fifos.takeBack(target);
    fifos.takeBack(target); // nothing there is no error
    assert.equal(readdirSync(folder).length, left + 1);
    assert.ok(createFifos({ host, folder }).place(target), 'those of before are used');
    assert.equal(programs, 1);
  } finally {
    rmSync(root, { recursive: true });
  }
});
