import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createStreamConnection } from './stream-connection.ts';

test('a write that the other end does not take in time fails, and the next one reconnects', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-stream-'));
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket));
  const place = path.join(folder, 's');
  server.listen(place);
  await once(server, 'listening');
  try {
    await using connection = createStreamConnection({ path: place });
    const { signal } = new AbortController();
    await connection.write(Buffer.from('small'), signal, 100);
    const begun = performance.now();
    await assert.rejects(connection.write(Buffer.alloc(4 << 20), signal, 100), /does not take or answer in time/);
    assert.ok(performance.now() - begun < 2000);
    await connection.write(Buffer.from('again'), signal, 100);
    assert.equal(sockets.length, 2);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
