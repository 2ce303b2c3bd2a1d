import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openConnection } from './connection.ts';
import type { EngineConnection } from './engine-connection.ts';
import { localShell } from './local-shell.ts';

let folder: string;
let socketPath: string;
let server: Server;
let pings: number;
let eventCalls: number;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipway-connection-'));
  socketPath = path.join(folder, 'engine.sock');
  pings = 0;
  eventCalls = 0;
  server = createServer((request, response) => {
    if (request.url === '/_ping') {
      pings++;
      response.end('OK');
    } else if (request.url?.startsWith('/events') === true) {
      eventCalls++;
      response.flushHeaders();
    } else response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (more: Partial<Parameters<typeof openConnection>[0]> = {}): Promise<EngineConnection> =>
  openConnection({ id: 'x', label: 'box', kind: 'ssh', shell: localShell(), socketPath, ...more });

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(condition(), condition.toString());
}

test('a connection is one when the engine has answered', async () => {
  await using connection = await open();
  assert.equal(pings, 1);
  assert.deepEqual([connection.id, connection.label, connection.kind], ['x', 'box', 'ssh']);
  assert.deepEqual(await connection.call('GET', '/x'), {});
  assert.equal((await connection.run('echo here')).stdout, 'here\n');
});

test('no engine, no connection', async () => {
  await assert.rejects(open({ socketPath: path.join(folder, 'none') }), {
    code: 'unavailable',
    message: /no such socket/,
  });
});

test('an engine that ends is noticed and told once, to late listeners too', async () => {
  await using connection = await open();
  const told: string[] = [];
  connection.onLost((reason) => told.push(reason));
  await until(() => eventCalls === 1);
  server.close();
  server.closeAllConnections();
  await until(() => told.length > 0);
  assert.match(told[0] ?? '', /^The engine on box stopped answering \((?!The engine).+\)\.$/);
  connection.onLost((reason) => told.push(reason));
  await until(() => told.length === 2);
  assert.equal(told[0], told[1]);
});

test('a stream that breaks while the engine answers is no loss', async () => {
  await using connection = await open();
  connection.onLost(() => assert.fail('told of a loss'));
  await until(() => eventCalls === 1);
  server.closeAllConnections();
  await until(() => pings >= 2);
  await until(() => eventCalls >= 2);
});

test('a lost way to the machine is told with its own words', async () => {
  let lose: (reason: string) => void = () => undefined;
  await using connection = await open({ onTransportLost: (listener) => void (lose = listener) });
  const told: string[] = [];
  const stop = connection.onLost(() => assert.fail('no longer listening'));
  stop();
  connection.onLost((reason) => told.push(reason));
  lose('cable cut');
  lose('again');
  assert.deepEqual(told, ['cable cut']);
});

test('closing is silent, ends calls under way, and closes the way there', async () => {
  let closed = 0;
  const connection = await open({ close: () => void closed++ });
  connection.onLost(() => assert.fail('told of a loss'));
  await until(() => eventCalls === 1);
  const waiting = connection.call('GET', '/events');
  const refused = assert.rejects(waiting, { code: 'unavailable' });
  await until(() => eventCalls === 2);
  await connection[Symbol.asyncDispose]();
  await refused;
  assert.equal(closed, 1);
});
