import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { MEDIA_TYPES, parseManifest } from '#model/oci/manifest.ts';
import { type Content, openContent } from '../content/content.ts';
import { linuxHost } from '../host/linux.ts';
import type { Database } from '../state/collection.ts';
import { openDatabase } from '../state/database.ts';
import { type LayerBlob, type LayerBlobs, openLayerBlobs } from './layer-blobs.ts';
import { makeManifest, originalManifest } from './manifest-of.ts';
import { sha256 } from './sha256.ts';

let root: string;
let content: Content;
let database: Database;
let layerBlobs: LayerBlobs;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-manifest-'));
  content = openContent(root);
  database = openDatabase(':memory:');
  layerBlobs = openLayerBlobs(database, content, linuxHost);
});
afterEach(() => {
  database[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

const CONFIG = { digest: sha256('config'), size: 6 };
const blob = (name: string, mediaType: string = MEDIA_TYPES.dockerLayer, repositories: string[] = []): LayerBlob => ({
  digest: sha256(name),
  size: name.length,
  mediaType,
  repositories,
});

test('layers in gzip give a manifest of Docker, others one of OCI', () => {
  const docker = parseManifest(makeManifest(CONFIG, [blob('a'), blob('b', `${MEDIA_TYPES.ociLayer}+gzip`)]).toString());
  assert.ok(docker.kind === 'image');
  assert.equal(docker.mediaType, MEDIA_TYPES.dockerManifest);
  assert.deepEqual(
    docker.layers.map(({ mediaType }) => mediaType),
    [MEDIA_TYPES.dockerLayer, MEDIA_TYPES.dockerLayer],
  );
  const oci = parseManifest(
    makeManifest(CONFIG, [
      blob('a'),
      blob('b', `${MEDIA_TYPES.ociLayer}+zstd`),
      blob('c', MEDIA_TYPES.ociLayer),
    ]).toString(),
  );
  assert.ok(oci.kind === 'image');
  assert.deepEqual([oci.mediaType, oci.config.mediaType], [MEDIA_TYPES.ociManifest, MEDIA_TYPES.ociConfig]);
  assert.deepEqual(
    oci.layers.map(({ mediaType }) => mediaType.replace(MEDIA_TYPES.ociLayer, '')),
    ['+gzip', '+zstd', ''],
  );
});

test('the manifest that an image came with is used while all its blobs can be had', async () => {
  const layer = await content.write(Buffer.from('layer'));
  const bytes = makeManifest(CONFIG, [blob('layer')]);
  const manifests = [sha256('not here'), await content.write(bytes)];
  const image = { id: CONFIG.digest, diffIds: ['diff'], manifests };
  assert.equal(await originalManifest(content, layerBlobs, image), undefined, 'no blob of the layer is known');
  layerBlobs.note('diff', blob('layer'));
  assert.equal(layer, blob('layer').digest);
  assert.deepEqual((await originalManifest(content, layerBlobs, image))?.bytes, bytes);
  assert.equal(await originalManifest(content, layerBlobs, { ...image, id: sha256('another image') }), undefined);
  content.delete(layer);
  assert.equal(await originalManifest(content, layerBlobs, image), undefined, 'the blob is gone');
  layerBlobs.note('diff', blob('layer', undefined, ['docker.io/library/x']));
  assert.ok(await originalManifest(content, layerBlobs, image), 'but a registry has it');
});

test("what is known of a layer's blobs adds up, and is forgotten with them", async () => {
  const stored = await content.write(Buffer.from('stored'));
  layerBlobs.note('d', blob('stored', 'x', ['r/one']));
  layerBlobs.note('d', blob('stored', 'x', ['r/two', 'r/one']));
  layerBlobs.note('d', blob('other'));
  assert.deepEqual(
    layerBlobs.of('d').map(({ digest, repositories }) => [digest, repositories]),
    [
      [stored, ['r/one', 'r/two']],
      [sha256('other'), []],
    ],
  );
  assert.equal(layerBlobs.stored('d')?.digest, stored);
  assert.deepEqual(layerBlobs.digests(), [stored, sha256('other')]);
  layerBlobs.forget('d');
  assert.deepEqual([layerBlobs.of('d'), content.has(stored)], [[], false]);
  await assert.rejects(layerBlobs.tar('d'), { code: 'not-found' });
});
