import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { GO_MODE } from '../messages/go-mode.ts';
import { PACKET, type Packet, type Stat } from '../messages/session.ts';
import type { GrpcStream } from '../wire/grpc-client.ts';
import { messageQueue } from '../wire/message-queue.ts';
import type { ValueOf } from '../wire/protobuf.ts';
import { type ContextLease, createKeptContexts } from './kept-contexts.ts';
import { receiveFiles } from './receive-files.ts';

type FilePacket = ValueOf<typeof Packet>;

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-receive-'));
after(() => rmSync(folder, { recursive: true }));

/** Sends the stats, and the contents of what is asked for, by path. */
function senderOf(stats: readonly Partial<ValueOf<typeof Stat>>[], contents: Readonly<Record<string, string>>) {
  const answers = messageQueue<FilePacket>({
    pause() {
      return this as never;
    },
    resume() {
      return this as never;
    },
    isPaused: () => false,
  });
  const give = (packet: Partial<FilePacket>): void =>
    answers.add({ type: 0, stat: undefined, ID: 0, data: Buffer.alloc(0), ...packet });
  for (const one of stats)
    give({ stat: { path: '', mode: 0o644, size: 0, modTime: 5n, linkname: '', devmajor: 0, devminor: 0, ...one } });
  give({});
  const asked: string[] = [];
  const stream: GrpcStream<FilePacket, FilePacket> = {
    answers,
    async send({ type, ID = 0 }) {
      if (type === PACKET.finish) return answers.end();
      const name = stats[ID]?.path ?? '';
      asked.push(name);
      for (const char of contents[name] ?? '') give({ type: PACKET.data, ID, data: Buffer.from(char) });
      give({ type: PACKET.data, ID });
    },
    end() {},
    cancel() {},
  };
  return { stream, asked };
}

function contentOf({ spool, files }: ContextLease, name: string): string {
  const { offset = 0, size = 0 } = files.get(name) ?? {};
  const bytes = Buffer.alloc(size);
  readSync(spool, bytes, 0, size, offset);
  return bytes.toString();
}

test('files, folders, links and pipes arrive; what is known is not asked for again', async () => {
  using kept = createKeptContexts(folder);
  const stats = [
    { path: 'a', size: 3, mode: 0o755 | GO_MODE.setuid },
    { path: 'd', mode: (0o755 | GO_MODE.directory) >>> 0 },
    { path: 'd/b', size: 2 },
    { path: 'd/hard', size: 3, linkname: 'a' },
    { path: 'l', mode: 0o777 | GO_MODE.symlink, linkname: '../x' },
    { path: 'p', mode: 0o600 | GO_MODE.pipe },
    { path: 's', mode: 0o600 | GO_MODE.socket },
  ];
  const first = senderOf(stats, { a: 'AAA', 'd/b': 'BB' });
  {
    using lease = kept.open('key');
    const files = await receiveFiles(first.stream, lease);
    assert.deepEqual([...files.keys()], ['a', 'd', 'd/b', 'l', 'p', 'd/hard']);
    assert.deepEqual(first.asked, ['a', 'd/b']);
    assert.equal(files.get('a')?.mode, 0o4755);
    assert.deepEqual([files.get('l')?.kind, files.get('l')?.target], ['symlink', '../x']);
    assert.deepEqual(files.get('p')?.node, ['p']);
    assert.equal(files.get('d/hard')?.digest, files.get('a')?.digest);
    assert.equal(contentOf(lease, 'd/b'), 'BB');
  }
  using lease = kept.open('key');
  const changed = stats.map((one) => (one.path === 'd/b' ? { ...one, modTime: 6n } : one));
  const second = senderOf(changed, { 'd/b': 'bb' });
  await receiveFiles(second.stream, lease);
  assert.deepEqual(second.asked, ['d/b']);
  assert.deepEqual([contentOf(lease, 'a'), contentOf(lease, 'd/b')], ['AAA', 'bb']);
  assert.deepEqual(readdirSync(folder), [], 'nothing in the folder outlives the engine');
});

test('a file that shrinks or grows while it is sent is what came', async () => {
  using kept = createKeptContexts(folder);
  using lease = kept.open('');
  const { stream } = senderOf(
    [
      { path: 'less', size: 5 },
      { path: 'more', size: 2 },
    ],
    { less: 'ab', more: 'abcdef' },
  );
  await receiveFiles(stream, lease);
  assert.deepEqual([contentOf(lease, 'less'), contentOf(lease, 'more')], ['ab', 'abcdef']);
  const { stream: between } = senderOf(
    [
      { path: 'one', size: 1 },
      { path: 'two', size: 1 },
    ],
    { one: '12', two: '3' },
  );
  await assert.rejects(receiveFiles(between, lease), /one grew while it was sent/);
});

test('paths that lead out, answers that nobody asked for and errors are errors', async () => {
  using kept = createKeptContexts(folder);
  using lease = kept.open('');
  for (const name of ['../x', 'a/../../b', '/', '', 'a\0b']) {
    await assert.rejects(receiveFiles(senderOf([{ path: name }], {}).stream, lease), /outside the build context/, name);
  }
  const unasked = senderOf([], {});
  unasked.stream.answers.add({ type: PACKET.data, ID: 7, data: Buffer.from('x'), stat: undefined });
  await assert.rejects(receiveFiles(unasked.stream, lease), /not asked for \(7\)/);
  const failing = senderOf([], {});
  failing.stream.answers.add({ type: PACKET.error, ID: 0, data: Buffer.from('cannot read'), stat: undefined });
  await assert.rejects(receiveFiles(failing.stream, lease), /cannot read/);
});
