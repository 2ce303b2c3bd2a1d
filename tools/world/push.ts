/** Pushes a made image into a registry (OCI distribution-spec: "Pushing Blobs", "Pushing Manifests"). */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Descriptor } from './images/layer.ts';

interface PushedImage {
  readonly layers: readonly Descriptor[];
  readonly config: Descriptor;
  readonly manifest: Descriptor;
  readonly index: Descriptor;
}

/**
 * @param name `library/node:20-slim`
 * @param fileOf the file that holds a blob
 */
export async function pushImage(
  registry: string,
  name: string,
  image: PushedImage,
  fileOf: (digest: string) => string,
): Promise<void> {
  const [repository, tag] = name.split(':') as [string, string];
  const base = `${registry}/v2/${repository}`;
  for (const blob of [...image.layers, image.config]) await pushBlob(base, blob, fileOf(blob.digest));
  await pushManifest(`${base}/manifests/${image.manifest.digest}`, image.manifest, fileOf(image.manifest.digest));
  await pushManifest(`${base}/manifests/${tag}`, image.index, fileOf(image.index.digest));
}

async function pushBlob(base: string, blob: Descriptor, file: string): Promise<void> {
  const known = await fetch(`${base}/blobs/${blob.digest}`, { method: 'HEAD' });
  if (known.ok) return;
  const opened = await fetch(`${base}/blobs/uploads/`, { method: 'POST' });
  const location = opened.headers.get('location');
  if (opened.status !== 202 || location === null) throw await refusal('an upload', opened);
  const url = new URL(location, base);
  url.searchParams.set('digest', blob.digest);
  const body = await openAsBlob(file);
  const stored = await fetch(url, { method: 'PUT', body, headers: { 'content-type': 'application/octet-stream' } });
  if (stored.status !== 201) throw await refusal(`blob ${blob.digest}`, stored);
}

async function pushManifest(url: string, manifest: Descriptor, file: string): Promise<void> {
  const headers = { 'content-type': manifest.mediaType };
  const stored = await fetch(url, { method: 'PUT', body: await readFile(file), headers });
  if (stored.status !== 201) throw await refusal(url, stored);
}

async function refusal(what: string, response: Response): Promise<Error> {
  return new Error(`the registry refused ${what}: ${response.status} ${await response.text()}`);
}
