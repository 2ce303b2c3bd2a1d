import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { encodeHeader, padding, type TarEntry } from '../../snapshots/tar-entry.ts';
import { receiveContext } from './receive-context.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-context-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

type Hand = Partial<Omit<TarEntry, 'size'>> & { readonly name: string; readonly data?: string | Buffer };

function tarOf(entries: readonly Hand[], end = 1024): Buffer {
  const none = { linkName: '', uid: 1000, gid: 1000, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  const parts = entries.map(({ data = '', type = '0', ...rest }) => {
    const bytes = Buffer.from(data);
    const header = encodeHeader({ ...none, mode: 0o644, mtime: '1700000000', type, ...rest, size: bytes.length });
    return Buffer.concat([header, bytes, Buffer.alloc(padding(bytes.length))]);
  });
  return Buffer.concat([...parts, Buffer.alloc(end)]);
}

function receive(tar: Buffer, pieces = tar.length, signal = new AbortController().signal) {
  const chunks: Buffer[] = [];
  for (let at = 0; at < tar.length; at += pieces) chunks.push(tar.subarray(at, at + pieces));
  return receiveContext(Readable.from(chunks), path.join(folder, 'spool'), signal);
}

test('files, folders and links, with hashes and root as owner', async () => {
  const entries: Hand[] = [
    { name: './', type: '5', mode: 0o755 },
    { name: 'd/', type: '5', mode: 0o700 },
    { name: './d/f', data: 'content', mode: 0o4755 },
    { name: 'e/deep/g', data: '' },
    { name: 'l', type: '2', linkName: '../../etc' },
    { name: 'hard', type: '1', linkName: 'd/f' },
    { name: 'pipe', type: '6' },
  ];
  using context = await receive(tarOf(entries));
  const tree = context.index.tree(context.spool);
  assert.deepEqual([...tree.paths()], ['', 'd', 'd/f', 'e', 'e/deep', 'e/deep/g', 'l', 'hard', 'pipe']);
  const { kind, mode, uid, gid, mtime, size } = tree.entry('d/f') ?? assert.fail();
  assert.deepEqual(
    { kind, mode, uid, gid, mtime, size },
    {
      kind: 'file',
      mode: 0o4755,
      uid: 0,
      gid: 0,
      mtime: 1_700_000_000,
      size: 7,
    },
  );
  assert.equal(tree.digest('d/f'), createHash('sha256').update('content').digest('hex'));
  assert.equal(tree.digest('e/deep/g'), createHash('sha256').digest('hex'));
  assert.equal(tree.entry('l')?.target, '../../etc');
  assert.equal(tree.entry('pipe')?.kind, 'other');
  assert.deepEqual(
    [tree.text('d/f'), tree.text('hard'), tree.text('d'), tree.text('nothing')],
    ['content', 'content', undefined, undefined],
  );
  assert.deepEqual(tree.children(''), ['d', 'e', 'hard', 'l', 'pipe']);
  assert.equal(context.size, 7);
});

test('contents come back, whole or in pieces, to files and as streams', async () => {
  const large = Buffer.alloc(3_000_000, 'abcdefg');
  using context = await receive(
    tarOf([
      { name: 'large', data: large },
      { name: 'small', data: 's' },
    ]),
    10_007,
  );
  const tree = context.index.tree(context.spool);
  for (const name of ['large', 'small']) {
    await tree.copyContent(name, path.join(folder, name));
    const expected = name === 'large' ? large : Buffer.from('s');
    assert.ok(readFileSync(path.join(folder, name)).equals(expected));
    assert.equal(await text(tree.read(name)), expected.toString());
  }
  for await (const chunk of tree.read('large')) {
    assert.ok(chunk);
    break; // a reader that stops early must not close the spool
  }
  assert.equal(tree.text('small'), 's');
});

test('later entries take the place of earlier ones', async () => {
  const entries: Hand[] = [
    { name: 'a', data: 'file' },
    { name: 'a/b', data: 'below' },
    { name: 'c/d', data: '1' },
    { name: 'c', data: 'now a file' },
    { name: 'x', data: '1' },
    { name: 'x', data: '2' },
    { name: 'link', type: '2', linkName: '/etc' },
    { name: 'link/passwd', data: 'mine' },
  ];
  using context = await receive(tarOf(entries));
  const tree = context.index.tree(context.spool);
  assert.deepEqual([...tree.paths()].sort(), ['', 'a', 'a/b', 'c', 'link', 'link/passwd', 'x']);
  assert.deepEqual(
    [tree.text('a/b'), tree.text('c'), tree.text('x'), tree.text('link/passwd')],
    ['below', 'now a file', '2', 'mine'],
  );
});

test('names cannot lead out, and nothing is written beside the spool', async () => {
  for (const name of ['../x', 'a/../../x', '/../x', '..']) {
    await assert.rejects(receive(tarOf([{ name, data: 'x' }])), {
      code: 'invalid',
      message: `forbidden path outside the build context: ${name}`,
    });
  }
  using context = await receive(tarOf([{ name: '/abs/x', data: 'x' }]));
  assert.equal(context.index.tree(context.spool).text('abs/x'), 'x');
  assert.deepEqual(readdirSync(folder), [], 'the spool has no name');
});

test('names beyond ASCII, and long ones', async () => {
  const binary = (name: string): string => Buffer.from(name).toString('latin1');
  const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`;
  using context = await receive(
    tarOf([
      { name: binary('grün/日本'), data: 'x' },
      { name: long, data: 'y' },
    ]),
  );
  const tree = context.index.tree(context.spool);
  assert.deepEqual([tree.text('grün/日本'), tree.text(long)], ['x', 'y']);
});

test("an archive without its end, as docker's client sends it, is taken", async () => {
  const whole = tarOf([{ name: 'f', data: 'content' }], 0);
  using context = await receive(whole.subarray(0, 512 + 'content'.length));
  assert.equal(context.index.tree(context.spool).text('f'), 'content');
  using empty = await receive(Buffer.alloc(0));
  assert.deepEqual([...empty.index.tree(empty.spool).paths()], ['']);
});

test('what is cut off, or no archive, is refused', async () => {
  const whole = tarOf([{ name: 'f', data: Buffer.alloc(2000, 'x') }], 0);
  const cut = whole.subarray(0, 512 + 1990);
  await assert.rejects(receive(cut), { code: 'invalid', message: 'unexpected EOF: the build context was cut off' });
  await assert.rejects(receive(Buffer.from('hello')), { code: 'invalid' });
  await assert.rejects(receive(tarOf([{ name: 'h', type: '1', linkName: 'nothing' }])), {
    message: 'the hard link h in the build context leads nowhere',
  });
  const sparse = [['GNU.sparse.major', '1']] as const;
  await assert.rejects(receive(tarOf([{ name: 's', sparse }])), { message: /sparse/ });
  assert.deepEqual(readdirSync(folder), []);
});

test('a client that goes away ends it', async () => {
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(receive(tarOf([{ name: 'f', data: 'x' }]), 100, controller.signal), { name: 'AbortError' });
  assert.equal(existsSync(path.join(folder, 'spool')), false);
});

test('what is left out goes, but the folders above what stays remain as they were', async () => {
  const entries: Hand[] = [
    { name: 'a/', type: '5', mode: 0o700 },
    { name: 'a/keep', data: '1' },
    { name: 'a/drop', data: '2' },
    { name: 'b/drop', data: '3' },
  ];
  using context = await receive(tarOf(entries));
  const tree = context.index.without((name) => name !== 'a/keep').tree(context.spool);
  assert.deepEqual([...tree.paths()], ['', 'a', 'a/keep']);
  assert.equal(tree.entry('a')?.mode, 0o700);
  assert.equal(context.index.get('b/drop')?.kind, 'file', 'the original is untouched');
});

test('any bytes: a context or an error that says why', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), async (bytes) => {
      try {
        using context = await receive(Buffer.from(bytes));
        assert.ok(context.size >= 0);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid');
      }
    }),
    { numRuns: 50 },
  );
});
