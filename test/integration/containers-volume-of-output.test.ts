/** A quarter of a gigabyte through logs, attach and exec: the engine's memory does not grow with it, and a slow reader holds up nobody. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ask,
  inspect,
  openStream,
  type OpenStream,
  pullImage,
  remove,
  run,
  start,
  waitFor,
} from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const VOLUME = 256 * 1024 ** 2;
/** What the engine may grow by while that passes through it: V8 lets its heap grow by tens of MB before it collects. */
const GROWTH = 96 * 1024 ** 2;
const SAMPLE_MS = 100;
const SPEAK = ['head', '-c', String(VOLUME), '/dev/zero'];

let engine: TestEngine;
before(async () => {
  engine = await startTestEngine();
  await pullImage(engine);
  await run(engine, ['true']); // what it loads once, it has loaded
});
after(() => engine[Symbol.asyncDispose]());

/** The highest resident size of the engine while the work goes on, in bytes. */
async function peakDuring<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly peak: number }> {
  let peak = 0;
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      const status = readFileSync(`/proc/${engine.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024);
      await sleep(SAMPLE_MS);
    }
  })();
  const result = await work().finally(() => over.abort());
  await watch;
  return { result, peak };
}

/** How many bytes came, frames and all. */
async function count({ socket }: OpenStream): Promise<number> {
  let size = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) size += chunk.length;
  return size;
}

async function checkPassing(what: string, open: () => Promise<OpenStream>): Promise<void> {
  const { peak: before } = await peakDuring(() => sleep(SAMPLE_MS));
  const { result: size, peak } = await peakDuring(async () => count(await open()));
  assert.ok(size >= VOLUME, `${what}: ${size} bytes came`);
  const grown = Math.round((peak - before) / 1024 ** 2);
  assert.ok(peak - before < GROWTH, `${what}: the engine grew by ${grown} MB`);
}

test('exec', { timeout: 120_000 }, async () => {
  const id = await start(engine);
  const { Id } = (
    await ask(engine, 'POST', `/containers/${id}/exec`, { Cmd: SPEAK, AttachStdout: true, AttachStderr: true })
  ).json<{ Id: string }>();
  await checkPassing('exec', () => openStream(engine, 'POST', `/exec/${Id}/start`, { body: {} }));
  await remove(engine, id);
});

test('attach, then the log', { timeout: 120_000 }, async () => {
  const id = await start(engine, {
    command: ['sh', '-c', `read go; exec ${SPEAK.join(' ')}`],
    config: { OpenStdin: true },
  });
  await checkPassing('attach', async () => {
    const opened = await openStream(engine, 'POST', `/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
    opened.socket.write('go\n');
    return opened;
  });
  assert.equal(await waitFor(engine, id), 0);
  await checkPassing('logs', () => openStream(engine, 'GET', `/containers/${id}/logs?stdout=1&stderr=1`));
  await remove(engine, id);
});

test('who attaches and does not read holds up neither the container nor the others', { timeout: 120_000 }, async () => {
  const lines = 32 * 1024;
  const id = await start(engine, {
    command: ['sh', '-c', `read go; yes ${'x'.repeat(1023)} | head -n ${lines}`],
    config: { OpenStdin: true },
  });
  const attach = (query: string) => openStream(engine, 'POST', `/containers/${id}/attach?${query}`);
  const slow = await attach('stream=1&stdout=1'); // paused: nothing is read
  const quick = await attach('stream=1&stdin=1&stdout=1');
  const counted = count(quick);
  const { result: code, peak } = await peakDuring(async () => {
    quick.socket.write('go\n');
    return waitFor(engine, id);
  });
  assert.equal(code, 0, 'it ended although somebody does not read');
  assert.ok((await counted) >= lines * 1024);
  assert.ok(peak < 256 * 1024 ** 2, `the engine took ${Math.round(peak / 1024 ** 2)} MB`);
  assert.equal((await inspect(engine, id)).State?.Running, false);
  assert.ok((await count(slow)) >= lines * 1024, 'and what he did not read was still there for him');
  await remove(engine, id);
});
