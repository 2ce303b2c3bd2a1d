import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { linuxHost } from '../host/linux.ts';
import { compressionOf, decompressed } from './decompress.ts';

const content = Buffer.from('some content, some content, some content\n'.repeat(5000));
const program = (name: string): Buffer => execFileSync(name, ['-c'], { input: content });
const packed = {
  none: content,
  gzip: gzipSync(content),
  zstd: zstdCompressSync(content),
  bzip2: program('bzip2'),
  xz: program('xz'),
};

const inPieces = (bytes: Buffer, size: number): Readable => {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces);
};

for (const [kind, bytes] of Object.entries(packed)) {
  test(`${kind} is told by its first bytes and unpacked, whatever the pieces`, async () => {
    assert.equal(compressionOf(bytes), kind);
    for (const size of [bytes.length, 1000, 1]) {
      const small = size === 1 ? bytes.subarray(0, bytes.length) : bytes;
      const stream = await decompressed(inPieces(small, size === 1 ? 7 : size), linuxHost);
      assert.ok((await buffer(stream)).equals(content));
    }
  });
}

test('short and empty streams are what they are', async () => {
  for (const text of ['', 'a', 'BZ', 'abc']) {
    const stream = await decompressed(Readable.from(text === '' ? [] : [Buffer.from(text)]), linuxHost);
    assert.equal((await buffer(stream)).toString(), text);
  }
});

test('damaged data is an error that says so', async () => {
  for (const kind of ['gzip', 'zstd', 'bzip2', 'xz'] as const) {
    const cut = packed[kind].subarray(0, packed[kind].length - 10);
    await assert.rejects(async () => buffer(await decompressed(inPieces(cut, 100), linuxHost)), {
      code: 'invalid',
      message: `the ${kind} data is damaged or ends too early`,
    });
  }
});

test('a program that the host lacks is named, with its package', async () => {
  const lacking: typeof linuxHost = {
    ...linuxHost,
    spawn: (_, ...rest) => linuxHost.spawn('/nonexistent/xz', ...rest),
  };
  await assert.rejects(async () => buffer(await decompressed(inPieces(packed.xz, 100), lacking)), {
    code: 'unavailable',
    message: /needs the program xz .*: install the package xz-utils/,
  });
});

test('an error of the source arrives', async () => {
  const failing = Readable.from(
    (async function* () {
      yield Buffer.from('abc');
      throw new Error('the connection broke');
    })(),
  );
  await assert.rejects(async () => buffer(await decompressed(failing, linuxHost)), /the connection broke/);
});

test('any bytes that are not compressed come back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
      fc.pre(compressionOf(bytes) === 'none');
      const stream = await decompressed(inPieces(Buffer.from(bytes), size), linuxHost);
      assert.ok((await buffer(stream)).equals(bytes));
    }),
  );
});

test('damaged data that nobody reads yet is no uncaught error, and who reads it later is told', async () => {
  for (const kind of ['gzip', 'zstd', 'bzip2', 'xz'] as const) {
    const cut = packed[kind].subarray(0, packed[kind].length - 9);
    const output = await decompressed(Readable.from([cut], { objectMode: false }), linuxHost);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await assert.rejects(buffer(output), { code: 'invalid' }, kind);
  }
});
