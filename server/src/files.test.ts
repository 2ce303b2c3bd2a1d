import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { DISK, type Files, memoryFiles, overlay } from './files.ts';

function check(files: Files, folder: string): void {
  assert.equal(files.read(`${folder}/a`), 'text');
  assert.equal(files.read(`${folder}/gone`), undefined);
  assert.equal(files.kind(`${folder}/a`), 'file');
  assert.equal(files.kind(`${folder}/sub`), 'folder');
  assert.equal(files.kind(`${folder}/gone`), undefined);
  const names = (files.list(folder) ?? []).map((entry) => `${entry.name}${entry.folder ? '/' : ''}`);
  assert.deepEqual(names.toSorted(), ['a', 'sub/']);
  assert.equal(files.list(`${folder}/a`), undefined);
}

test('files on disk and in memory are the same to a reader', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-files-'));
  try {
    writeFileSync(path.join(folder, 'a'), 'text');
    mkdirSync(path.join(folder, 'sub'));
    writeFileSync(path.join(folder, 'sub', 'b'), '');
    check(DISK, folder);
    writeFileSync(path.join(folder, 'big'), Buffer.alloc(2 << 20));
    assert.equal(DISK.read(path.join(folder, 'big')), undefined, 'nothing that would stop an editor');
    for (const name of ['a'.repeat(5000), 'nul\0', 'a/below-a-file']) {
      const impossible = path.join(folder, name);
      assert.deepEqual(
        [DISK.read(impossible), DISK.kind(impossible), DISK.list(impossible)],
        [undefined, undefined, undefined],
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  check(memoryFiles({ '/x/a': 'text', '/x/sub/b': '' }), '/x');
});

test('an overlay', () => {
  const files = overlay(memoryFiles({ '/a': 'old', '/b': 'b' }), (file) => (file === '/a' ? 'new' : undefined));
  assert.deepEqual([files.read('/a'), files.read('/b'), files.kind('/a')], ['new', 'b', 'file']);
});
