import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryFiles } from './files.ts';
import { rememberedFiles } from './remembered-files.ts';

test('what was read, or was not there, is not looked for again; long texts are', () => {
  const asked: string[] = [];
  const disk = memoryFiles({ '/a/x': 'short', '/a/long': 'l'.repeat(20_000) });
  const files = rememberedFiles({
    ...disk,
    read(path) {
      asked.push(path);
      return disk.read(path);
    },
    kind(path) {
      asked.push(path);
      return disk.kind(path);
    },
  });
  for (let i = 0; i < 2; i++) {
    assert.equal(files.read('/a/x'), 'short');
    assert.equal(files.read('/a/none'), undefined);
    assert.equal(files.read('/a/long')?.length, 20_000);
    assert.equal(files.kind('/a'), 'folder');
    assert.equal(files.kind('/b'), undefined);
    assert.equal(files.list('/a')?.length, 2);
  }
  assert.deepEqual(asked, ['/a/x', '/a/none', '/a/long', '/a', '/b', '/a/long']);
});
