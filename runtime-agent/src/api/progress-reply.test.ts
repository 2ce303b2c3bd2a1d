/** Over a real socket, with a client that takes its time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { replyWithProgress, type Tell } from './progress-reply.ts';
import { createRouter } from './router.ts';
import { type ApiServer, createApiServer } from './server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-progress-'));
const socketPath = path.join(folder, 'api.sock');
let server: ApiServer;
let work: (tell: Tell) => Promise<void>;
before(async () => {
  const handle = (call: Parameters<typeof replyWithProgress>[0]) => replyWithProgress(call, (tell) => work(tell));
  const router = createRouter([{ method: 'POST', path: '/work', handle }]);
  server = createApiServer({ router, onFault: () => {} });
  await server.listen({ path: socketPath });
});
after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function call(): Promise<IncomingMessage> {
  const asked = request({ socketPath, method: 'POST', path: '/work' }).end();
  return ((await once(asked, 'response')) as [IncomingMessage])[0];
}

test('all messages come in their order, however slow the client is', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const filling = 'x'.repeat(20_000);
  work = async (tell) => {
    for (let i = 0; i < 500; i++) {
      tell({ stream: `${i} ${filling}` });
      if (i % 50 === 0) await turn();
    }
  };
  const said = (await text(await call())).trim().split('\r\n');
  const numbers = said.map((line) => Number.parseInt((JSON.parse(line) as { stream: string }).stream, 10));
  assert.deepEqual(
    numbers,
    Array.from({ length: 500 }, (_, i) => i),
  );
  await turn();
  process.off('warning', note);
  assert.deepEqual(warnings, [], 'however many messages wait, one listener waits for the client');
});

test('a client that goes away in between ends nothing', async () => {
  const done = Promise.withResolvers<void>();
  work = async (tell) => {
    for (let i = 0; i < 500; i++) {
      tell({ stream: 'x'.repeat(20_000) });
      if (i % 50 === 0) await turn();
    }
    done.resolve();
  };
  (await call()).destroy();
  await done.promise;
  work = async (tell) => tell({ stream: 'next' });
  assert.equal(await text(await call()), '{"stream":"next"}\r\n');
});
