import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { prepareStore } from './prepare-store.ts';

test('directories are made, and given room of their own once; what is not on record is swept', () => {
  const root = path.join(mkdtempSync(path.join(tmpdir(), 'slipway-prepare-')), 'snapshots');
  const ran: string[][] = [];
  const host = {
    run: async (command: string, args: readonly string[]) => {
      ran.push([command, ...args]);
      return { code: 0, stdout: '', stderr: '' };
    },
  };
  try {
    prepareStore({ host, root, empty: 'empty', layers: [] });
    assert.deepEqual(ran.splice(0), [['chattr', '+T', '--', path.join(root, 'tmp')]]);
    for (const name of ['aa', 'bb', 'bb.lost', 'tmp/half']) mkdirSync(path.join(root, name));
    symlinkSync('../aa', path.join(root, 'l', 'short'));
    symlinkSync('../bb', path.join(root, 'l', 'other'));
    prepareStore({ host, root, empty: 'empty', layers: [{ hex: 'aa', short: 'short' }] });
    assert.deepEqual(readdirSync(root).toSorted(), ['aa', 'empty', 'l', 'tmp']);
    const [[command, ...args] = []] = ran;
    assert.equal(command, 'rm');
    const swept = args.slice(2).map((file) => path.relative(root, file));
    assert.ok(swept.includes('tmp/half') && swept.includes('l/other') && !swept.includes('l/short'), swept.join());
    assert.equal(swept.length, 4);
    assert.equal(existsSync(path.join(root, 'l', 'short')), true, 'of a layer that is there');
  } finally {
    rmSync(path.dirname(root), { recursive: true });
  }
});
