/** Layers that the engine makes itself: of files that it knows, or of what a step has changed. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { inTarOrder, type NewFile } from '../../runtime-agent/src/snapshots/new-layer.ts';
import { snapshotFixture } from '../support/snapshot-fixture.ts';

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('a layer of known files has the tar that its directory gives, and is written once', async () => {
  await using snapshots = await snapshotFixture();
  const attributes = { linkName: '', size: 0, deviceMajor: 0, deviceMinor: 0, xattrs: [], sparse: [] };
  const plain = { ...attributes, mode: 0o644, uid: 0, gid: 0, mtime: '1600000000' };
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
  let reads = 0;
  const file = (name: string, content: Buffer, digests = true): NewFile => ({
    entry: { ...plain, type: '0', name: latin1(name), size: content.length },
    read: (buffer, position) => {
      reads++;
      content.copy(buffer, 0, position);
    },
    digest: digests ? sha256(content) : undefined,
  });
  const layer = inTarOrder([
    file('a-b', Buffer.alloc(0)),
    file('a/x', Buffer.alloc(3_000_001, 9)),
    file(`a/${'lång'.repeat(40)}`, Buffer.from('long')),
    { entry: { ...plain, type: '5', name: 'a', mode: 0o3755, uid: 3_000_000, xattrs: [['user.note', 'x']] } },
    { entry: { ...plain, type: '2', name: 'a/l', mode: 0o777, linkName: '/etc/passwd' } },
  ]);
  const made = await snapshots.store.assemble(undefined, layer);
  const tar = await buffer(await snapshots.store.tar(made.chainId));
  assert.equal(sha256(tar), made.diffId, 'tar() has compared it already, with what it made of the directory');
  assert.deepEqual([made.tarSize, made.size], [tar.length, 3_000_001 + 4 + '/etc/passwd'.length]);
  const folder = lstatSync(path.join(snapshots.directory(made.chainId), 'a'));
  assert.deepEqual([folder.mode & 0o7777, folder.uid, folder.mtimeMs], [0o3755, 3_000_000, 1_600_000_000_000]);
  const inode = (chain: string): number => lstatSync(snapshots.directory(chain)).ino;
  const again = await snapshots.store.assemble(made.chainId, layer);
  assert.equal(inode(again.chainId), inode(made.chainId));
  const before = reads;
  assert.equal((await snapshots.store.assemble(undefined, [...layer])).diffId, made.diffId);
  assert.equal(reads, before, 'nothing is read again');
  const younger = [{ ...layer[0], entry: { ...layer[0]?.entry, mtime: '1600000001' } }, ...layer.slice(1)];
  assert.notEqual((await snapshots.store.assemble(undefined, younger as NewFile[])).diffId, made.diffId);
  const unknown = [file('u', Buffer.from('u'), false)];
  const [once, twice] = [
    await snapshots.store.assemble(undefined, unknown),
    await snapshots.store.assemble(undefined, unknown),
  ];
  assert.equal(once.diffId, twice.diffId);
  const stop = AbortSignal.abort(new Error('enough'));
  const large = [file('large', Buffer.alloc(2_000_000))];
  await assert.rejects(snapshots.store.assemble(undefined, large, { signal: stop }), /enough/);
  assert.deepEqual(readdirSync(path.join(snapshots.root, 'snapshots', 'tmp')), []);
});

test('a layer that is made again is told of before its equal could be removed', async () => {
  await using snapshots = await snapshotFixture();
  const commit = async (made: (chainId: string) => void): Promise<string> => {
    const upper = path.join(snapshots.root, 'snapshots', 'tmp', `upper-${Math.random()}`);
    mkdirSync(upper);
    writeFileSync(path.join(upper, 'f'), 'x');
    utimesSync(path.join(upper, 'f'), 1, 1);
    return (await snapshots.store.commitUpper(undefined, upper, { made })).chainId;
  };
  const first = await commit(() => {});
  const kept: string[] = [];
  let removal: Promise<void> | undefined;
  // Whoever sweeps while the second directory is thrown away sees that the layer is in use.
  const second = commit((chainId) => {
    kept.push(chainId);
    removal = snapshots.store.remove([first].filter((id) => !kept.includes(id)));
  });
  assert.equal(await second, first);
  await removal;
  assert.deepEqual([kept, snapshots.store.has(first)], [[first], true]);
});
