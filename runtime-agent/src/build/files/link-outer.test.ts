import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { linkOuter } from './link-outer.ts';

const ROOT = { uid: 0, gid: 0 };

test('links what is in the root, through its symlinks, and nothing else', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-link-'));
  try {
    mkdirSync(path.join(root, 'd/real'), { recursive: true });
    symlinkSync('real', path.join(root, 'd/l'));
    writeFileSync(path.join(root, 'd/real/f'), 'x');
    writeFileSync(path.join(root, 'd/old'), 'replaced');
    linkOuter(
      root,
      '/d/',
      new Map([
        ['new/h', 'l/f'],
        ['old', 'real/f'],
        ['real/f', 'l/f'],
      ]),
      ROOT,
    );
    assert.equal(statSync(path.join(root, 'd/new/h')).ino, statSync(path.join(root, 'd/real/f')).ino);
    assert.equal(readFileSync(path.join(root, 'd/old'), 'utf8'), 'x');
    assert.throws(() => linkOuter(root, '/d', new Map([['h', 'etc/none']]), ROOT), {
      code: 'invalid',
      message: 'invalid hardlink "h" -> "etc/none": no such file in the archive or the image',
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});
