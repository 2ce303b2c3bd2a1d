/**
 * Engines that are killed, and machines that go down: what is half made is swept, and layers that were not on disk yet are
 * made again, or are layers no more.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { recoverImages } from '../../runtime-agent/src/images/recover.ts';
import { openImageIndex } from '../../runtime-agent/src/images/image-index.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';
import { callSocket } from '../support/call-socket.ts';
import { startTestEngine } from '../support/engine.ts';
import { dockerArchive } from '../support/image-archive.ts';
import { sha256 } from '../support/registry-image.ts';
import { type SnapshotFixture, snapshotFixture } from '../support/snapshot-fixture.ts';
import { handMadeTar } from '../support/tar-builder.ts';

const tarOf = (name: string): Buffer => handMadeTar([{ name, data: `the content of ${name}` }]);
const stream = (tar: Buffer): Readable => Readable.from([tar], { objectMode: false });

async function pulled(snapshots: SnapshotFixture, tar: Buffer): Promise<string> {
  const diffId = sha256(tar);
  snapshots.blobs.set(diffId, tar);
  return (await snapshots.store.apply(undefined, stream(tar), { diffId, blobKept: true })).chainId;
}

test('what was synced is trusted, whatever boot it is', async () => {
  await using snapshots = await snapshotFixture();
  const id = await snapshots.apply(tarOf('a'));
  await snapshots.store.settled();
  truncateSync(path.join(snapshots.directory(id), 'a'), 0); // nobody looks
  assert.deepEqual(await snapshots.reopen('another boot').recover(), []);
});

test('an engine that was killed asks nothing of its layers, and syncs them', async () => {
  await using snapshots = await snapshotFixture();
  const id = await snapshots.apply(tarOf('a'));
  truncateSync(path.join(snapshots.directory(id), 'a'), 0);
  const next = snapshots.reopen();
  assert.deepEqual(await next.recover(), []);
  await next.settled();
  assert.deepEqual(await snapshots.reopen('another boot').recover(), []);
});

test('layers that are whole stay; one with a blob is made again of it; the others are gone with their chains', async () => {
  await using snapshots = await snapshotFixture();
  const whole = await snapshots.apply(tarOf('whole'));
  const emptied = await snapshots.apply(tarOf('emptied'));
  const above = await snapshots.apply(tarOf('above'), emptied);
  const again = await pulled(snapshots, tarOf('again'));
  const lostBlob = await pulled(snapshots, tarOf('lost'));
  for (const [id, name] of [
    [emptied, 'emptied'],
    [again, 'again'],
    [lostBlob, 'lost'],
  ] as const)
    truncateSync(path.join(snapshots.directory(id), name), 0);
  snapshots.blobs.set(sha256(tarOf('lost')), tarOf('something else'));
  const after = snapshots.reopen('another boot');
  assert.deepEqual([...(await after.recover())].sort(), [sha256(tarOf('emptied')), sha256(tarOf('lost'))].sort());
  assert.deepEqual(
    [whole, emptied, above, again, lostBlob].map((id) => after.has(id)),
    [true, false, true, true, false],
  );
  const file = path.join(after.lowerDirs([again])[0] as string, 'again');
  assert.equal(readFileSync(file, 'utf8'), 'the content of again');
  await after.settled();
  assert.deepEqual(await snapshots.reopen('a third boot').recover(), [], 'asked once');
  assert.equal(snapshots.entries().filter((name) => /^[0-9a-f]{64}$/.test(name)).length, 3);
});

test('a change of a file that keeps its size is seen as well', async () => {
  await using snapshots = await snapshotFixture();
  const id = await snapshots.apply(tarOf('a'));
  writeFileSync(path.join(snapshots.directory(id), 'a'), Buffer.alloc('the content of a'.length));
  assert.deepEqual(await snapshots.reopen('another boot').recover(), [sha256(tarOf('a'))]);
});

test('an image that lost a layer is no image any more; the others are', async () => {
  await using snapshots = await snapshotFixture();
  const [good, bad] = [await snapshots.apply(tarOf('good')), await snapshots.apply(tarOf('bad'))];
  using database = openDatabase(':memory:');
  const index = openImageIndex(database);
  for (const [name, chainId] of Object.entries({ good, bad })) {
    const rootfs = { type: 'layers', diff_ids: [sha256(tarOf(name))] } as const;
    const id = sha256(name);
    index.put(id, { config: { architecture: 'amd64', os: 'linux', rootfs }, chainIds: [chainId], size: 1 });
    index.setName({ domain: 'docker.io', path: `library/${name}`, tag: '1' }, id);
  }
  truncateSync(path.join(snapshots.directory(bad), 'bad'), 0);
  const forgotten: string[] = [];
  const layerBlobs = { forget: (diffId: string) => void forgotten.push(diffId) };
  const lost = await recoverImages({ snapshots: snapshots.reopen('another boot'), index, layerBlobs });
  assert.deepEqual(lost, ['bad:1']);
  assert.deepEqual(forgotten, [sha256(tarOf('bad'))]);
  assert.deepEqual(
    [index.find('good:1')?.id, index.find('bad:1'), index.find(sha256('bad'))],
    [sha256('good'), undefined, undefined],
  );
});

test('an engine killed in the middle of a load leaves no image and nothing half made, and loads it when it is asked again', async () => {
  await using engine = await startTestEngine({ mirror: false });
  const second = handMadeTar([{ name: 'big', data: Buffer.alloc(3_000_000, 'x') }]);
  const archive = dockerArchive({ tags: ['killed:1'], layers: [tarOf('first'), second] });
  const call = request({ socketPath: engine.socket, method: 'POST', path: '/images/load' }).on('error', () => {});
  call.write(archive.subarray(0, 1_000_000));
  const at = (...parts: string[]): string[] => readdirSync(path.join(engine.dataRoot, ...parts));
  const first = sha256(tarOf('first')).slice('sha256:'.length);
  while (!at('snapshots').includes(first) || at('snapshots', 'tmp').length === 0) await sleep(50);
  await engine.stop('SIGKILL');
  call.destroy();
  await engine.start();
  while (at('snapshots', 'tmp').length > 0) await sleep(50);
  assert.deepEqual((await engine.call('GET', '/images/json?all=1')).json(), []);
  const usage = (await engine.call('GET', '/system/df?type=image')).json<{ LayersSize?: number }>();
  assert.equal(usage.LayersSize ?? 0, 0);
  const again = await callSocket(engine.socket, 'POST', '/images/load', archive);
  assert.match(again.text, /Loaded image: killed:1/);
  const now = (await engine.call('GET', '/system/df?type=image')).json<{ LayersSize?: number }>();
  assert.equal(now.LayersSize, 3_000_000 + 'the content of first'.length);
});
