import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Content, openContent } from '../content/content.ts';
import { type DownloadOptions, download } from './download.ts';
import { sha256 } from './sha256.ts';

const BYTES = Buffer.from('0123456789'.repeat(1000));
const DIGEST = sha256(BYTES);
let root: string;
let content: Content;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'slipway-download-'));
  content = openContent(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Serve = (
  offset: number,
  attempt: number,
) => { readonly bytes: Buffer; readonly from: number; readonly error?: Error };

/** Runs one download against a registry that serves like that; gives the offsets that were asked for. */
async function run(serve: Serve, more: Partial<DownloadOptions> = {}) {
  const offsets: number[] = [];
  const repository = {
    async blob(_digest: string, offset: number) {
      offsets.push(offset);
      const { bytes, from, error } = serve(offset, offsets.length);
      async function* chunks(): AsyncGenerator<Buffer> {
        for (let i = 0; i < bytes.length; i += 700) yield bytes.subarray(i, i + 700);
        if (error) throw error;
      }
      return { stream: Readable.from(chunks()), offset: from };
    },
  };
  const ingest = await content.ingest(DIGEST);
  const got: Buffer[] = [];
  const descriptor = { mediaType: 'x', digest: DIGEST, size: BYTES.length };
  const options = {
    repository,
    descriptor,
    ingest,
    signal: new AbortController().signal,
    onProgress: () => {},
    retryDelaysMs: [1, 1],
    ...more,
  };
  try {
    for await (const chunk of download(options)) got.push(Buffer.from(chunk));
    await ingest.commit();
  } finally {
    await ingest.close();
  }
  return { offsets, bytes: Buffer.concat(got) };
}

const rest: Serve = (offset) => ({ bytes: BYTES.subarray(offset), from: offset });
const broken = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

test('all bytes, in order, are given out and stored', async () => {
  const { offsets, bytes } = await run(rest);
  assert.deepEqual([offsets, bytes.equals(BYTES)], [[0], true]);
  assert.deepEqual(await content.read(DIGEST), BYTES);
  assert.deepEqual(readdirSync(path.join(root, 'ingest')), []);
});

test('what was kept is not asked for again', async () => {
  const first = await content.ingest(DIGEST);
  await first.append(BYTES.subarray(0, 4000));
  await first.close({ keep: true });
  const { offsets, bytes } = await run(rest);
  assert.deepEqual([offsets, bytes.equals(BYTES)], [[4000], true]);
});

test('a broken connection, and one that ends too soon, are taken up again', async () => {
  const { offsets, bytes } = await run((offset, attempt) => {
    if (attempt === 1) return { bytes: BYTES.subarray(0, 1400), from: 0, error: broken };
    return attempt === 2 ? { bytes: BYTES.subarray(offset, offset + 700), from: offset } : rest(offset, attempt);
  });
  assert.deepEqual([offsets, bytes.equals(BYTES)], [[0, 1400, 2100], true]);
});

test('a registry without ranges sends all again, and each byte is given out once', async () => {
  const { bytes } = await run((_offset, attempt) =>
    attempt === 1 ? { bytes: BYTES.subarray(0, 1500), from: 0, error: broken } : { bytes: BYTES, from: 0 },
  );
  assert.ok(bytes.equals(BYTES));
});

test('it is given up when nothing helps, at once when nothing can', async () => {
  await assert.rejects(
    run(() => ({ bytes: Buffer.alloc(0), from: 0, error: broken })),
    /reset/,
  );
  let attempts = 0;
  const count = (error: Error) => () => {
    attempts++;
    return { bytes: Buffer.alloc(0), from: 0, error };
  };
  await assert.rejects(run(count(new EngineError('not-found', 'gone'))), /gone/);
  await assert.rejects(run(count(Object.assign(new Error('full'), { code: 'ENOSPC' }))), /full/);
  assert.equal(attempts, 2);
  await assert.rejects(
    run(() => ({ bytes: Buffer.alloc(20_000), from: 0 })),
    { code: 'invalid', message: /longer than/ },
  );
  assert.deepEqual(readdirSync(path.join(root, 'ingest')), [], 'nothing is kept of a failure');
});

test('bytes of another digest are refused when all are here', async () => {
  await assert.rejects(
    run((offset) => ({ bytes: Buffer.alloc(BYTES.length - offset), from: offset })),
    { code: 'invalid', message: /verification failed/ },
  );
  assert.equal(content.has(DIGEST), false);
});

test('a cancelled download does not try again', async () => {
  const controller = new AbortController();
  const serve: Serve = () => {
    controller.abort();
    return { bytes: Buffer.alloc(0), from: 0, error: broken };
  };
  const started = performance.now();
  await assert.rejects(run(serve, { signal: controller.signal, retryDelaysMs: [5000] }));
  assert.ok(performance.now() - started < 2000);
});
