import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { linuxHost } from '../host/linux.ts';
import { compressionOf, decompressed } from './decompress.ts';

function skippable(content: Buffer, kind = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

function frame(content: Buffer, checksum: boolean): Buffer {
  return zstdCompressSync(content, { params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 } });
}

async function unpacked(pieces: readonly Buffer[]): Promise<Buffer> {
  return await buffer(await decompressed(Readable.from(pieces, { objectMode: false }), linuxHost));
}

function cutInto(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

test('frames of any kind and number, in any pieces', async () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.integer({ min: 1, max: 400_000 }).map((size) => Buffer.alloc(size, 'run ')),
    fc
      .integer({ min: 1, max: 300_000 })
      .map((size) => Buffer.from(Array.from({ length: size }, (_, i) => (i * i) >> 5))),
  );
  const part = fc.oneof(
    fc.record({ content, checksum: fc.boolean() }),
    fc.record({ skip: fc.uint8Array({ maxLength: 30 }), kind: fc.integer({ min: 0, max: 15 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 200 }),
      async (parts, size) => {
        fc.pre(parts.some((one) => 'content' in one));
        const data = parts.map((one) =>
          'content' in one ? frame(one.content, one.checksum) : skippable(Buffer.from(one.skip), one.kind),
        );
        const expected = Buffer.concat(parts.map((one) => ('content' in one ? one.content : Buffer.alloc(0))));
        const all = Buffer.concat(data);
        assert.equal(compressionOf(all), 'zstd');
        assert.ok((await unpacked([all])).equals(expected), 'in one piece');
        assert.ok((await unpacked(cutInto(all, size))).equals(expected), `in pieces of ${size}`);
      },
    ),
    { numRuns: 30 },
  );
});

test('what is behind a frame and is none, and frames that are cut off, are refused', async () => {
  const good = frame(Buffer.from('content'), true);
  const damaged = { code: 'invalid', message: 'the zstd data is damaged or ends too early' };
  for (const bad of [
    Buffer.concat([good, Buffer.from('junk')]),
    Buffer.concat([good, Buffer.from('ju')]),
    Buffer.concat([good, good.subarray(0, -2)]),
    Buffer.concat([good, skippable(Buffer.from('skipped')).subarray(0, -1)]),
    Buffer.concat([good, skippable(Buffer.from('skipped')).subarray(0, 6)]),
  ]) {
    await assert.rejects(unpacked([bad]), damaged);
  }
});
