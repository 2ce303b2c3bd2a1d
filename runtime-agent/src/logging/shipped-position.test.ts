import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openShippedPosition } from './shipped-position.ts';

test('the last position is read again, also a shorter one after a longer one; rubbish is none', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-position-'));
  try {
    const file = path.join(folder, 'log-sent');
    const at = (offset: number) => ({ inode: 1, offset });
    {
      using position = openShippedPosition(file);
      assert.equal(position.last, undefined);
      const far = at(123_456_789_012);
      position.save({ from: far, stdout: far, stderr: far, complete: false });
      position.save({ from: at(1), stdout: at(1), stderr: at(2), complete: true });
    }
    using again = openShippedPosition(file);
    assert.deepEqual(again.last, { from: at(1), stdout: at(1), stderr: at(2), complete: true });
    writeFileSync(file, '{');
    using broken = openShippedPosition(file);
    assert.equal(broken.last, undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
