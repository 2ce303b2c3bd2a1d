import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retimed } from './retime.ts';
import { createTarReader } from './tar-reader.ts';
import { encodeHeader, padding, type TarEntry } from './tar-entry.ts';

const plain = { linkName: '', uid: 1, gid: 2, deviceMajor: 0, deviceMinor: 0, sparse: [] };

async function* tarOf(...entries: readonly [entry: Partial<TarEntry>, data: string][]): AsyncGenerator<Buffer> {
  for (const [entry, data] of entries) {
    const whole = { ...plain, type: '0', name: 'f', mode: 0o644, mtime: '5', xattrs: [], ...entry } as TarEntry;
    yield encodeHeader({ ...whole, size: data.length });
    yield Buffer.concat([Buffer.from(data), Buffer.alloc(padding(data.length))]);
  }
  yield Buffer.alloc(1024);
}

test('times change, and nothing else', async () => {
  const long = 'n'.repeat(200);
  const entries: [Partial<TarEntry>, string][] = [
    [{ name: 'd/', type: '5', mode: 0o1777 }, ''],
    [{ name: long, mtime: '9', xattrs: [['user.a', 'b']] }, 'content'],
    [{ name: 'l', type: '2', linkName: long }, ''],
    [{ name: 'big', mtime: '9.5' }, 'x'.repeat(1000)],
  ];
  const seen: string[] = [];
  let data = '';
  const reader = createTarReader({
    entry: ({ name, mode, mtime, linkName, xattrs }) =>
      void seen.push([name, mode.toString(8), mtime, linkName, String(xattrs)].join(' ')),
    data: (chunk) => void (data += chunk.toString()),
  });
  for await (const chunk of retimed(tarOf(...entries), (mtime) => (Number(mtime) > 7 ? '7' : mtime)))
    reader.feed(chunk);
  reader.end();
  assert.deepEqual(seen, ['d/ 1777 5  ', `${long} 644 7  user.a,b`, `l 644 5 ${long} `, 'big 644 7  ']);
  assert.equal(data, `content${'x'.repeat(1000)}`);
});
