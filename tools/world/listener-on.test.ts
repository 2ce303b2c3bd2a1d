import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from './registry.ts';
import { listenerOn } from './listener-on.ts';

test('the process that listens on a port, on IPv4 or IPv6; none once it does not', async () => {
  for (const address of ['127.0.0.1', '::']) {
    const port = await freePort();
    const server = createServer().listen(port, address);
    await once(server, 'listening');
    const program = (await readFile('/proc/self/comm', 'utf8')).trim();
    assert.deepEqual(await listenerOn(port), { pid: process.pid, program });
    server.close();
    await once(server, 'close');
    assert.equal(await listenerOn(port), undefined);
  }
});
