import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { linuxHost } from '../../host/linux.ts';
import { isArchive, unpackArchive } from './unpack-archive.ts';

let folder = '';
let tar: Buffer;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-unpack-'));
  const source = path.join(folder, 'source');
  mkdirSync(path.join(source, 'd'), { recursive: true });
  writeFileSync(path.join(source, 'd/f'), 'content');
  symlinkSync('/etc/passwd', path.join(source, 'l'));
  tar = execFileSync('tar', ['--create', '--file=-', `--directory=${source}`, '.']);
});
after(() => rmSync(folder, { recursive: true }));

const opener = (bytes: Buffer) => () => Readable.from([bytes]);

test('archives are told by their content, compressed or not', async () => {
  const packed = [tar, gzipSync(tar), zstdCompressSync(tar), execFileSync('xz', ['-c'], { input: tar })];
  for (const bytes of packed) assert.equal(await isArchive(opener(bytes), linuxHost), true);
});

test('other files are none, compressed or not', async () => {
  const text = Buffer.from('just text '.repeat(100));
  const others = [
    text,
    gzipSync(text),
    Buffer.alloc(0),
    Buffer.alloc(2048),
    gzipSync(text).subarray(0, 20),
    tar.subarray(0, 300),
  ];
  for (const bytes of others) assert.equal(await isArchive(opener(bytes), linuxHost), false);
});

test('unpacks into a folder of its own', async () => {
  const own = mkdtempSync(path.join(folder, 'own-'));
  const { directory: unpacked, implied } = await unpackArchive(Readable.from([gzipSync(tar)]), own, linuxHost);
  assert.equal(readFileSync(path.join(unpacked, 'd/f'), 'utf8'), 'content');
  assert.equal(readlinkSync(path.join(unpacked, 'l')), '/etc/passwd');
  assert.deepEqual([...implied], []);
});

test('folders that only names imply are told, and a name of a whiteout is a name', async () => {
  const own = mkdtempSync(path.join(folder, 'own-'));
  writeFileSync(path.join(own, '.wh.x'), 'y');
  const named = ['--transform=s,^,e/f/,', '.wh.x'];
  const sparse = execFileSync('tar', ['--create', '--file=-', `--directory=${own}`, ...named]);
  const { directory, implied } = await unpackArchive(Readable.from([sparse]), own, linuxHost);
  assert.deepEqual([...implied], ['e', 'e/f']);
  assert.equal(readFileSync(path.join(directory, 'e/f/.wh.x'), 'utf8'), 'y');
});

test('a damaged archive is an error', async () => {
  const own = mkdtempSync(path.join(folder, 'own-'));
  const cut = gzipSync(tar).subarray(0, 100);
  await assert.rejects(unpackArchive(Readable.from([cut]), own, linuxHost), { code: 'invalid' });
});
