/** A disk that runs full while an image comes in: one clear message, nothing left, and the next pull works. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { openContent } from '../../runtime-agent/src/content/content.ts';
import { createEventLog } from '../../runtime-agent/src/events/event-log.ts';
import { linuxHost } from '../../runtime-agent/src/host/linux.ts';
import { openLayerBlobs } from '../../runtime-agent/src/images/layer-blobs.ts';
import { type ImageStore, openImageStore } from '../../runtime-agent/src/images/store.ts';
import { createRegistry } from '../../runtime-agent/src/registry/registry.ts';
import { createTransport, type Transport } from '../../runtime-agent/src/registry/transport.ts';
import { openSnapshots } from '../../runtime-agent/src/snapshots/store.ts';
import type { Database } from '../../runtime-agent/src/state/collection.ts';
import { openDatabase } from '../../runtime-agent/src/state/database.ts';
import { type Registry, startRegistry } from '../../tools/world/registry.ts';
import { pushImage } from '../support/registry-image.ts';
import { handMadeTar } from '../support/tar-builder.ts';

let registry: Registry;
let root: string;
let database: Database;
let transport: Transport;
let store: ImageStore;
before(async () => {
  registry = await startRegistry();
  root = mkdtempSync(path.join(tmpdir(), 'slipway-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', root]);
  database = openDatabase(path.join(root, 'state.db'));
  transport = createTransport();
  const content = openContent(path.join(root, 'content'));
  const layerBlobs = openLayerBlobs(database, content, linuxHost);
  const blobTar = (diffId: string): Promise<Readable> => layerBlobs.tar(diffId);
  store = openImageStore({
    host: linuxHost,
    content,
    layerBlobs,
    snapshots: openSnapshots({ host: linuxHost, database, root: path.join(root, 'snapshots'), blobTar }),
    registry: createRegistry({ transport, registryMirrors: [], insecureRegistries: [] }),
    transport,
    database,
    events: createEventLog(),
    platform: { os: 'linux', architecture: 'amd64' },
    imageUsers: () => [],
    layerUsers: () => [],
    applyChanges: (base) => base,
  });
});
after(async () => {
  transport?.[Symbol.dispose]();
  database?.[Symbol.dispose]();
  execFileSync('umount', ['-l', root]);
  rmSync(root, { recursive: true, force: true });
  await registry?.[Symbol.asyncDispose]();
});

function noise(bytes: number, seed: number): Buffer {
  const key = Buffer.alloc(16, seed);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
}

const free = (): number => statfsSync(root).bavail * statfsSync(root).bsize;

function assertNothingStays(before: number): void {
  for (const name of ['content/blobs/sha256', 'content/ingest', 'snapshots/tmp', 'snapshots/l']) {
    assert.deepEqual(readdirSync(path.join(root, name)), [], name);
  }
  assert.deepEqual(store.list(), []);
  assert.ok(before - free() < 300_000, `${before - free()} bytes are gone`);
}

test('a blob too large for the disk', async () => {
  const before = free();
  await pushImage(registry.url, 'big:1', { layers: [handMadeTar([{ name: 'noise', data: noise(8_000_000, 1) }])] });
  const pull = store.pull({ reference: `${registry.host}/big:1` });
  await assert.rejects(pull, { code: 'unavailable', message: /no space left on device.*docker system prune/ });
  assertNothingStays(before);
});

test('a layer whose files are too large for the disk, though its blob is small', async () => {
  const before = free();
  await pushImage(registry.url, 'zeros:1', {
    layers: [handMadeTar([{ name: 'zeros', data: Buffer.alloc(9_000_000) }])],
  });
  const pull = store.pull({ reference: `${registry.host}/zeros:1` });
  await assert.rejects(pull, { code: 'unavailable', message: /no space left on device.*docker system prune/ });
  assertNothingStays(before);
});

test('an import, and an archive, too large for the disk', async () => {
  const before = free();
  const tar = handMadeTar([{ name: 'noise', data: noise(8_000_000, 2) }]);
  const body = Readable.from([tar], { objectMode: false });
  const quiet = { progress: () => {}, signal: new AbortController().signal };
  await assert.rejects(store.import({ source: '-', body, reference: '', message: '', changes: [], ...quiet }), {
    message: /no space left on device/,
  });
  const archive = Readable.from([handMadeTar([{ name: 'layer.tar', data: tar }])], { objectMode: false });
  await assert.rejects(store.load(archive, { ...quiet, quiet: true }), { message: /no space left on device/ });
  assertNothingStays(before);
});

test('afterwards what fits still works', async () => {
  await pushImage(registry.url, 'small:1', { layers: [handMadeTar([{ name: 'noise', data: noise(500_000, 3) }])] });
  const image = await store.pull({ reference: `${registry.host}/small:1` });
  assert.equal(image.size, 500_000);
});
