import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { directoryTree } from './directory-tree.ts';

let root = '';
const large = Buffer.alloc(1 << 20, 'large');
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-tree-'));
  mkdirSync(path.join(root, 'd'));
  writeFileSync(path.join(root, 'd/f'), 'content', { mode: 0o640 });
  writeFileSync(path.join(root, 'large'), large);
  symlinkSync('/etc/passwd', path.join(root, 'l'));
  linkSync(path.join(root, 'd/f'), path.join(root, 'hard'));
});
after(() => rmSync(root, { recursive: true }));

test('entries are what is there, symlinks not followed', () => {
  const tree = directoryTree(root);
  assert.deepEqual(tree.children(''), ['d', 'hard', 'l', 'large']);
  assert.equal(tree.entry('')?.kind, 'directory');
  assert.equal(tree.entry('nothing'), undefined);
  assert.equal(tree.entry('d/f/below'), undefined);
  const { kind, target } = tree.entry('l') ?? {};
  assert.deepEqual([kind, target], ['symlink', '/etc/passwd']);
  const file = tree.entry('d/f');
  assert.deepEqual([file?.kind, file?.size, file && file.mode & 0o777], ['file', 7, 0o640]);
  assert.equal(file?.inode, tree.entry('hard')?.inode);
  assert.equal(tree.entry('large')?.inode, undefined);
});

test('contents are copied, read and hashed', async () => {
  const tree = directoryTree(root);
  for (const [name, content] of [
    ['d/f', 'content'],
    ['large', large],
  ] as const) {
    const target = path.join(root, `copy-of-${path.basename(name)}`);
    await tree.copyContent(name, target);
    assert.deepEqual(readFileSync(target), Buffer.from(content));
    rmSync(target);
  }
  assert.equal(await text(tree.read('d/f')), 'content');
  assert.equal(await tree.digest('d/f'), createHash('sha256').update('content').digest('hex'));
});

test('never writes over a file, or through a symlink', async () => {
  const tree = directoryTree(root);
  assert.throws(() => void tree.copyContent('d/f', path.join(root, 'hard')), { code: 'EEXIST' });
  assert.throws(() => void tree.copyContent('d/f', path.join(root, 'l')), { code: 'EEXIST' });
  await assert.rejects(async () => tree.copyContent('large', path.join(root, 'hard')), { code: 'EEXIST' });
});
