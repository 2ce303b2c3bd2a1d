import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openDirectoryChain, relativeParts } from './directory-chain.ts';

let root: string;
before(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-chain-'));
  mkdirSync(path.join(root, 'a/b'), { recursive: true });
  mkdirSync(path.join(root, 'a/c'));
  writeFileSync(path.join(root, 'a/b/file'), '');
  symlinkSync('/', path.join(root, 'a/out'));
});
after(() => rmSync(root, { recursive: true, force: true }));

test('walks up and down and back to the root', async () => {
  await using chain = await openDirectoryChain(root);
  assert.deepEqual(readdirSync((await chain.enter(['a', 'b'])) ?? ''), ['file']);
  assert.deepEqual(readdirSync((await chain.enter(['a', 'c'])) ?? ''), []);
  assert.deepEqual(readdirSync((await chain.enter([])) ?? ''), ['a']);
});

test('links, files and missing folders cannot be entered', async () => {
  await using chain = await openDirectoryChain(root);
  assert.equal(await chain.enter(['a', 'out']), undefined);
  assert.equal(await chain.enter(['a', 'b', 'file']), undefined);
  assert.equal(await chain.enter(['missing', 'deeper']), undefined);
  assert.notEqual(await chain.enter(['a', 'b']), undefined);
});

test('missing folders are made, obstacles handed to displace', async () => {
  await using chain = await openDirectoryChain(root);
  const seen: string[] = [];
  const displace = async (obstacle: string, at: string): Promise<void> => {
    seen.push(at);
    rmSync(obstacle);
  };
  const made = await chain.enter(['a', 'out', 'new'], { owner: undefined, displace });
  assert.deepEqual(readdirSync(made ?? '?'), []);
  assert.deepEqual(seen, ['a/out']);
  assert.deepEqual(readdirSync(path.join(root, 'a/out')), ['new']);
});

test('no descriptor is left open', async () => {
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  {
    await using chain = await openDirectoryChain(root);
    await chain.enter(['a', 'b']);
    await chain.enter(['a', 'c']);
  }
  assert.equal(open(), before);
});

test('relative paths are split, everything else is refused', () => {
  assert.deepEqual(relativeParts('a/./b//c/'), ['a', 'b', 'c']);
  assert.deepEqual(relativeParts('.'), []);
  for (const bad of ['/a', '..', 'a/..', 'a\0b', 'n'.repeat(256)]) assert.throws(() => relativeParts(bad), /bad path/);
});
