import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { looseFiles } from './loose-files.ts';

test('files from text and from disk lie side by side', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-loose-'));
  try {
    const file = path.join(folder, 'download');
    writeFileSync(file, 'from disk');
    const tree = looseFiles([
      { name: 'a', mode: 0o644, mtime: 5, content: { text: 'grün' } },
      { name: 'b', mode: 0o600, mtime: 6, content: { file, digest: 'known' } },
    ]);
    assert.deepEqual(tree.children(''), ['a', 'b']);
    assert.deepEqual([tree.entry('')?.kind, tree.entry('a')?.size, tree.entry('b')?.size], ['directory', 5, 9]);
    assert.deepEqual([tree.entry('a')?.mode, tree.entry('b')?.mtime, tree.entry('c')], [0o644, 6, undefined]);
    assert.equal(tree.digest('a'), createHash('sha256').update('grün').digest('hex'));
    assert.equal(tree.digest('b'), 'known');
    for (const name of ['a', 'b']) await tree.copyContent(name, path.join(folder, name));
    assert.deepEqual([readFileSync(path.join(folder, 'a'), 'utf8'), await text(tree.read('b'))], ['grün', 'from disk']);
    assert.throws(() => tree.read('c'), { code: 'internal' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
