import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isGoBinary } from './go-binary.ts';
import { mappedLibraries, runtimeOf } from './runtime-of.ts';

const traits = { libraries: [], goBinary: false };

test('interpreters are known by their names', () => {
  const cases = [
    ['/usr/local/bin/node', ['node', 'server.js'], 'node'],
    ['/usr/bin/nodejs', ['npm run dev'], 'node'],
    ['/usr/bin/python3.11', ['python', '-m', 'http.server'], 'python'],
    ['/opt/pypy/bin/pypy3.10', ['pypy3'], 'python'],
    ['/usr/lib/jvm/java-17/bin/java', ['java', '-jar', 'app.jar'], 'java'],
    ['/usr/share/dotnet/dotnet', ['dotnet', 'App.dll'], 'dotnet'],
    ['/usr/bin/bash', ['bash'], undefined],
    ['/usr/bin/nodemon-like', ['x'], undefined],
  ] as const;
  for (const [exe, argv, expected] of cases) assert.equal(runtimeOf({ ...traits, exe, argv }), expected, exe);
});

test('others by the libraries they have mapped, or by the record of the Go linker', () => {
  const app = { ...traits, exe: '/app/server', argv: ['/app/server'] };
  assert.equal(runtimeOf({ ...app, libraries: ['libc.so.6', 'libcoreclr.so'] }), 'dotnet');
  assert.equal(runtimeOf({ ...app, libraries: ['libjvm.so'] }), 'java');
  assert.equal(runtimeOf({ ...app, libraries: ['libpython3.11.so.1.0'] }), 'python');
  assert.equal(runtimeOf({ ...app, goBinary: true }), 'go');
  assert.equal(runtimeOf(app), undefined);
});

test('mapped files are read from maps', () => {
  const maps = [
    '7f0000000000-7f0000001000 r-xp 00000000 08:01 1234                       /usr/lib/libc.so.6',
    '7f0000001000-7f0000002000 r--p 00001000 08:01 1234                       /usr/lib/libc.so.6',
    '7f0000003000-7f0000004000 r-xp 00000000 08:01 1235                       /app/my lib/libcoreclr.so',
    '7fff00000000-7fff00001000 rw-p 00000000 00:00 0                          [stack]',
    '7f0000005000-7f0000006000 rw-p 00000000 00:00 0 ',
  ].join('\n');
  assert.deepEqual(mappedLibraries(maps), ['libc.so.6', 'libcoreclr.so']);
});

test('a Go program is told from others by its file', async () => {
  const go = createRequire(import.meta.url).resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
  assert.equal(await isGoBinary(go), true);
  assert.equal(await isGoBinary(process.execPath), false);
  assert.equal(await isGoBinary('/nonexistent'), false);
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-elf-'));
  const file = path.join(folder, 'short');
  for (const content of [
    Buffer.from('#!/bin/sh\n'),
    Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]),
    Buffer.alloc(64, 0xff),
  ]) {
    writeFileSync(file, content);
    assert.equal(await isGoBinary(file), false);
  }
  rmSync(folder, { recursive: true });
});
