/** The registry that `npm start` and the tests run. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRegistry } from '../../tools/world/registry.ts';

test('a port that an ending registry still has is waited for, and its answers are not taken for those of the new one', async () => {
  const ending = await startRegistry();
  let isOver = false;
  const over = sleep(400).then(async () => {
    isOver = true;
    await ending[Symbol.asyncDispose]();
  });
  await using next = await startRegistry({ port: Number(new URL(ending.url).port) });
  assert.ok(isOver);
  await over;
  const { status } = await fetch(`${next.url}/v2/`);
  assert.equal(status, 200);
});

test('a port that another program has: which one, said at once', async () => {
  const foreign = createServer().listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  const { port } = foreign.address() as AddressInfo;
  const before = Date.now();
  await assert.rejects(startRegistry({ port }), {
    message: new RegExp(`^Port ${port}, .* is taken by \\S+ \\(process ${process.pid}\\): stop that first\\.`),
  });
  assert.ok(Date.now() - before < 5000, 'not waited for');
  foreign.close();
});
