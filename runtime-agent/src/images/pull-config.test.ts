import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ProgressMessage } from '#model/engine-api/progress.ts';
import type { Digest } from '#model/oci/digest.ts';
import type { ImageManifest } from '#model/oci/manifest.ts';
import { type Content, openContent } from '../content/content.ts';
import { type PulledConfig, pullConfig } from './pull-config.ts';

let directory: string;
let content: Content;
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-pull-config-'));
  content = openContent(directory);
});
after(() => rm(directory, { recursive: true }));

const configOf = (name: string): Buffer =>
  Buffer.from(JSON.stringify({ author: name, os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [] } }));
const hashed = (bytes: Buffer, algorithm: 'sha256' | 'sha512'): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
const manifestOf = (bytes: Buffer, digest: Digest = hashed(bytes, 'sha256')): ImageManifest => ({
  kind: 'image',
  mediaType: '',
  config: { mediaType: '', digest, size: bytes.length },
  layers: [],
});

/** @param answers what the registry does, time after time */
function pull(manifest: ImageManifest, ...answers: (Buffer | Error)[]): Promise<PulledConfig & { told: unknown[] }> {
  const told: unknown[] = [];
  const repository = {
    async blob() {
      const answer = answers.shift() ?? new Error('asked too often');
      if (answer instanceof Error) throw answer;
      return { stream: Readable.from([answer]), offset: 0 };
    },
  };
  const tell = ({ status }: ProgressMessage): void => void told.push(status);
  const { signal } = new AbortController();
  const pulled = pullConfig(content, { repository, manifest, tell, signal, retryDelaysMs: [1, 1] });
  return pulled.then((config) => ({ ...config, told }));
}

const broken = (): EngineError => new EngineError('unavailable', 'connection reset');

test('a configuration is asked for again when the connection broke, and kept', async () => {
  const bytes = configOf('kept');
  const { id, config, told } = await pull(manifestOf(bytes), broken(), broken(), bytes);
  assert.deepEqual([id, config.author], [hashed(bytes, 'sha256'), 'kept']);
  assert.deepEqual(told, ['Retrying in 1 second', 'Retrying in 1 second']);
  assert.equal((await pull(manifestOf(bytes))).id, id);
});

test('by whatever digest it is named, the image has its sha256', async () => {
  const bytes = configOf('long');
  const manifest = manifestOf(bytes, hashed(bytes, 'sha512'));
  assert.equal((await pull(manifest, bytes)).id, hashed(bytes, 'sha256'));
  const other = configOf('pong');
  await assert.rejects(pull(manifest, other), { message: /verification failed for digest sha512:/ });
});

test('an image of more layers than can be mounted is refused before any of them is fetched', async () => {
  const diff_ids = Array.from({ length: 401 }, (_, i) => hashed(Buffer.from(String(i)), 'sha256'));
  const bytes = Buffer.from(JSON.stringify({ rootfs: { diff_ids } }));
  const message = 'max depth exceeded: 401 layers, of which 400 can be mounted';
  await assert.rejects(pull(manifestOf(bytes), bytes), { code: 'invalid', message });
});

test('what cannot be had says how often it was tried, and what is refused is not tried again', async () => {
  const bytes = configOf('nowhere');
  const failed = (attempts: number, why: string): object => ({
    message: `error pulling image configuration: download failed after attempts=${attempts}: ${why}`,
  });
  await assert.rejects(pull(manifestOf(bytes), broken(), broken(), broken()), failed(3, 'connection reset'));
  const unknown = new EngineError('not-found', 'unknown blob');
  await assert.rejects(pull(manifestOf(bytes), unknown), failed(1, 'unknown blob'));
  const message = `error pulling image configuration: image config verification failed for digest ${hashed(bytes, 'sha256')}`;
  await assert.rejects(pull(manifestOf(bytes), configOf('nowhale')), { code: 'invalid', message });
});
