import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { engineClient } from './engine-client.ts';

/** One HTTP answer, as these bytes in one write. */
async function answering(answer: string, use: (address: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-engine-client-'));
  const socket = path.join(folder, 'engine.sock');
  const server = createServer((connection) => connection.once('data', () => connection.end(answer)));
  server.listen(socket);
  await once(server, 'listening');
  try {
    await use(`unix://${socket}`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

test('upgrade: bytes that come together with the head are the first of the connection', () =>
  answering('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello\n', async (address) => {
    const connection = await engineClient(address, AbortSignal.timeout(5000)).upgrade('/x');
    assert.equal(await text(connection), 'hello\n');
    connection.destroy();
  }));

test('post: a refusal is an error with the engine’s words', () =>
  answering('HTTP/1.1 404 Not Found\r\nContent-Length: 23\r\n\r\n{"message":"no such x"}\n', async (address) => {
    await assert.rejects(engineClient(address, AbortSignal.timeout(5000)).post('/x'), /^EngineError: no such x$/);
  }));

test('no engine there: the address is in the error', async () => {
  const client = engineClient('unix:///nowhere/engine.sock', AbortSignal.timeout(5000));
  await assert.rejects(client.get('/x'), /cannot reach the engine at unix:\/\/\/nowhere\/engine\.sock/);
});
