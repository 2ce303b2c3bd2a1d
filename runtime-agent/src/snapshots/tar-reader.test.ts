import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeHeader, padding, type TarEntry } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';
import { plainHeader, tarEnd, tarPadding } from './tar-writer.ts';

const PLAIN: TarEntry = {
  type: '0',
  name: 'f',
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: '0',
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: [],
  sparse: [],
};

/** Feeds the archive in pieces of that size; gives entries with their data. */
function read(archive: Buffer, pieceSize = archive.length): [TarEntry, string][] {
  const found: [TarEntry, string][] = [];
  const reader = createTarReader({
    entry: (entry) => void found.push([entry, '']),
    data: (chunk) => {
      const last = found.at(-1) ?? assert.fail('data without an entry');
      last[1] += chunk.toString('latin1');
    },
  });
  for (let at = 0; at < archive.length; at += pieceSize) reader.feed(archive.subarray(at, at + pieceSize));
  reader.end();
  return found;
}

function archive(...entries: [TarEntry, string][]): Buffer {
  const parts = entries.map(([entry, data]) => [
    encodeHeader({ ...entry, size: data.length }),
    Buffer.from(data, 'latin1'),
    Buffer.alloc(padding(data.length)),
  ]);
  return Buffer.concat([...parts.flat(), tarEnd()]);
}

test('what is encoded is read again, in pieces of any size', () => {
  const bytes = fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 300,
  });
  const name = bytes.filter((text) => !text.endsWith('/'));
  const seconds = fc.oneof(fc.nat().map(String), fc.constantFrom('-5', '-1.25', '1.000000001', '9999999999.5'));
  const id = fc.oneof(fc.nat({ max: 70_000 }), fc.constantFrom(2_097_151, 2_097_152, 4_294_967_294));
  const common = { name, mode: fc.nat({ max: 0o7777 }), uid: id, gid: id, mtime: seconds };
  const xattr = fc.tuple(fc.stringMatching(/^user\.[a-z]{1,9}$/), bytes);
  const file = fc.tuple(fc.record({ ...common, xattrs: fc.array(xattr, { maxLength: 2 }) }), bytes);
  const link = fc.record({ ...common, type: fc.constantFrom('1' as const, '2' as const), linkName: bytes });
  const entries = fc.array(
    fc.oneof(
      file.map(([entry, data]) => [{ ...PLAIN, ...entry }, data] as [TarEntry, string]),
      link.map((entry) => [{ ...PLAIN, ...entry }, ''] as [TarEntry, string]),
    ),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 2000 }), (list, pieceSize) => {
      const expected = list.map(([entry, data]) => [{ ...entry, size: entry.type === '0' ? data.length : 0 }, data]);
      assert.deepEqual(read(archive(...list), pieceSize), expected);
    }),
    { numRuns: 300 },
  );
});

test('devices and directories', () => {
  const device: TarEntry = { ...PLAIN, type: '3', name: 'null', deviceMajor: 1, deviceMinor: 3 };
  const folder: TarEntry = { ...PLAIN, type: '5', name: 'd/' };
  assert.deepEqual(read(archive([device, ''], [folder, ''])), [
    [device, ''],
    [folder, ''],
  ]);
  const oldStyle = archive([{ ...PLAIN, name: 'old/' }, '']);
  assert.equal(read(oldStyle)[0]?.[0].type, '5', 'before ustar a slash made a directory');
});

test('what follows the end is ignored, an end is not needed, a cut is noticed', () => {
  const whole = archive([PLAIN, 'data']);
  assert.equal(read(Buffer.concat([whole, Buffer.from('anything at all')])).length, 1);
  assert.equal(read(whole.subarray(0, 1024)).length, 1, 'up to the padding of the last entry');
  for (const length of [1, 511, 513, 1023, 1025, 1537, 2047]) {
    assert.throws(
      () => read(whole.subarray(0, length)),
      { code: 'invalid', message: /unexpected EOF/ },
      String(length),
    );
  }
  assert.equal(read(whole.subarray(0, 1536)).length, 1, 'one block of zeros is enough');
  assert.throws(() => read(Buffer.concat([whole.subarray(0, 1536), whole])), { message: /invalid tar header/ });
  assert.deepEqual(read(Buffer.alloc(0)), []);
});

test('global headers are passed over; metadata that is too large is refused', () => {
  const pax = (type: string, text: string): Buffer => {
    const header = encodeHeader({ ...PLAIN, name: 'pax', size: text.length });
    header.write(type, 156);
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, Buffer.from(text), tarPadding(text.length)]);
  };
  const file = archive([PLAIN, 'x']);
  assert.equal(read(Buffer.concat([pax('g', '12 path=bad\n'), file]))[0]?.[0].name, 'f');
  assert.equal(read(Buffer.concat([pax('x', '13 path=good\n'), file]))[0]?.[0].name, 'good');
  for (const bad of ['13 path=good', '99 path=x\n', 'x', '5 a\n', '-1 a=b\n']) {
    assert.throws(() => read(Buffer.concat([pax('x', bad), file])), { code: 'invalid' }, bad);
  }
  for (const bad of ['15 size=-1000\n', '13 size=12x\n', '14 mtime=soon\n']) {
    assert.throws(() => read(Buffer.concat([pax('x', bad), file])), { code: 'invalid' }, bad);
  }
  assert.throws(() => read(pax('x', 'x'.repeat(2_000_000))), { code: 'invalid', message: /too long/ });
});

test('our own archives: names in UTF-8, sizes and times', () => {
  const tar = Buffer.concat([
    plainHeader({ name: 'ä', size: 2, modified: new Date(1500) }),
    Buffer.from('hi'),
    tarPadding(2),
    plainHeader({ name: 'd/', type: '5', size: 0 }),
    tarEnd(),
  ]);
  const [file, folder] = read(tar);
  assert.deepEqual(
    [Buffer.from(file?.[0].name ?? '', 'latin1').toString(), file?.[0].mtime, file?.[1]],
    ['ä', '1', 'hi'],
  );
  assert.deepEqual([folder?.[0].type, folder?.[0].mode], ['5', 0o755]);
});
