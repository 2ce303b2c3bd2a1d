import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { answersPublicRegistry } from './public-registry.ts';

/** Answers get time enough for a busy machine; only silence is waited out. */
async function probe(listener: RequestListener, timeoutMs = 10_000): Promise<boolean> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await answersPublicRegistry(timeoutMs, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a registry that wants a token is a registry', async () => {
  assert.equal(await probe((_, response) => response.writeHead(401).end()), true);
  assert.equal(await probe((_, response) => response.writeHead(200).end()), true);
});

test('a proxy that forbids, silence and no server at all are none', async () => {
  assert.equal(await probe((_, response) => response.writeHead(403).end()), false);
  assert.equal(await probe(() => undefined, 300), false);
  assert.equal(await answersPublicRegistry(300, 'http://127.0.0.1:9/v2/'), false);
});
