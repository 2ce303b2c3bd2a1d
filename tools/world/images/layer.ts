/** A directory as an image layer: a gzipped tar in the content-addressed store of made images. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface Layer extends Descriptor {
  /** Digest of the tar before compression (OCI image-spec: DiffID). */
  readonly diffId: string;
}

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

export function blobPath(store: string, digest: string): string {
  return path.join(store, 'blobs', digest.replace(':', '/'));
}

export async function storeBlob(store: string, mediaType: string, content: string): Promise<Descriptor> {
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const file = blobPath(store, digest);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, content);
  await rename(`${file}.${process.pid}`, file);
  return { mediaType, digest, size: Buffer.byteLength(content) };
}

/** Owners, modes, links and times are kept; nothing below `directory` is left out. */
export async function storeLayer(store: string, directory: string): Promise<Layer> {
  const temporary = path.join(store, 'blobs', 'sha256', `.layer-${process.pid}-${path.basename(directory)}`);
  await mkdir(path.dirname(temporary), { recursive: true });
  try {
    const plain = createHash('sha256');
    const packed = createHash('sha256');
    const tar = spawn('tar', ['--create', '--sort=name', '--numeric-owner', '--directory', directory, '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve, reject) => {
      tar.on('error', reject);
      tar.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar failed (exit ${code})`))));
    });
    tar.stdout.on('data', (chunk: Buffer) => plain.update(chunk));
    const gzip = createGzip({ level: 1 });
    gzip.on('data', (chunk: Buffer) => packed.update(chunk));
    await Promise.all([pipeline(tar.stdout, gzip, createWriteStream(temporary)), ended]);
    const digest = `sha256:${packed.digest('hex')}`;
    const { size } = await stat(temporary);
    await rename(temporary, blobPath(store, digest));
    return { mediaType: LAYER_TYPE, digest, size, diffId: `sha256:${plain.digest('hex')}` };
  } finally {
    await rm(temporary, { force: true });
  }
}
