/** The world that other tests stand on: made images in a real registry. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startRegistry } from '../../tools/world/registry.ts';
import { startMirror } from '../support/images.ts';

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const MANIFESTS = ['index', 'manifest'].map((kind) => `application/vnd.oci.image.${kind}.v1+json`).join(', ');
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept: MANIFESTS } });
  assert.equal(response.status, 200, url);
  return Buffer.from(await response.arrayBuffer());
}

const fetchJson = async <T>(url: string): Promise<T> => JSON.parse((await fetchBytes(url)).toString()) as T;

for (const [name, layers] of [
  ['busybox:latest', 1],
  ['debian:bookworm-slim', 1],
  ['node:20-slim', 2],
] as const) {
  test(`${name} is an OCI index whose parts have the digests that it says`, async () => {
    await using mirror = await startMirror();
    const [repository, tag] = name.split(':');
    const base = `${mirror.url}/v2/library/${repository}`;
    const { manifests } = await fetchJson<{ manifests: (Descriptor & { platform: object })[] }>(
      `${base}/manifests/${tag}`,
    );
    assert.equal(manifests.length, 1);
    const manifest = await fetchJson<{ config: Descriptor; layers: Descriptor[] }>(
      `${base}/manifests/${manifests[0]?.digest}`,
    );
    const config = await fetchJson<{ rootfs: { diff_ids: string[] } }>(`${base}/blobs/${manifest.config.digest}`);
    assert.equal(manifest.layers.length, layers);
    for (const [i, layer] of manifest.layers.entries()) {
      const bytes = await fetchBytes(`${base}/blobs/${layer.digest}`);
      assert.equal(bytes.length, layer.size);
      assert.equal(sha256(bytes), layer.digest);
      assert.equal(sha256(gunzipSync(bytes)), config.rootfs.diff_ids[i]);
    }
  });
}

test('nothing can be pushed to the mirror; a registry of its own takes everything', async () => {
  await using mirror = await startMirror();
  await using own = await startRegistry();
  const upload = async (url: string): Promise<number> =>
    (await fetch(`${url}/v2/mine/blobs/uploads/`, { method: 'POST' })).status;
  assert.equal(await upload(mirror.url), 405);
  assert.equal(await upload(own.url), 202);
});
