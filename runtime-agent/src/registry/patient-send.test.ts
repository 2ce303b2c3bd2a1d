import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Patience, retryAfterMs, sendPatiently } from './patient-send.ts';
import { createTransport, type Transport } from './transport.ts';

const QUICK: Patience = { delaysMs: [1, 1, 1], longestMs: 2000 };
let transport: Transport;
let server: Server;
let url: URL;
let asked: number;
let answer: (response: ServerResponse, attempt: number) => void;

beforeEach(async () => {
  transport = createTransport();
  asked = 0;
  server = createServer((request, response) => {
    request.resume().on('end', () => answer(response, ++asked));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
});
afterEach(async () => {
  transport[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const status = async (request: object = {}, patience = QUICK): Promise<number | undefined> => {
  const response = await sendPatiently(transport, { method: 'GET', url, ...request }, patience);
  await buffer(response);
  await setImmediate(); // the connection is kept from now on
  return response.statusCode;
};

test('a registry that has no time is asked again', async () => {
  answer = (response, attempt) => void response.writeHead(attempt < 3 ? ([429, 503][attempt - 1] ?? 0) : 200).end();
  assert.deepEqual([await status(), asked], [200, 3]);
});

test('not for ever, and not when asking again cannot help', async () => {
  answer = (response) => void response.writeHead(502).end();
  assert.deepEqual([await status(), asked], [502, 4]);
  for (const code of [400, 401, 403, 404, 500]) {
    answer = (response) => void response.writeHead(code).end();
    asked = 0;
    assert.deepEqual([await status(), asked], [code, 1]);
  }
});

test('it says itself when', async () => {
  answer = (response, attempt) => void response.writeHead(attempt === 1 ? 429 : 200, { 'Retry-After': '1' }).end();
  const started = performance.now();
  assert.equal(await status(), 200);
  assert.ok(performance.now() - started >= 990);
  answer = (response) => void response.writeHead(429, { 'Retry-After': '3600' }).end();
  asked = 0;
  assert.deepEqual([await status(), asked], [429, 1], 'an hour is a refusal');
  assert.equal(retryAfterMs('2', 0), 2000);
  assert.equal(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 2000), 3000);
  assert.equal(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 9000), 0);
  for (const nonsense of [undefined, '', 'soon', '-1 ']) assert.equal(retryAfterMs(nonsense, 0), undefined);
});

test('what is sent as a stream is sent once; bytes are sent again', async () => {
  answer = (response, attempt) => void response.writeHead(attempt === 1 ? 503 : 200).end();
  assert.deepEqual([await status({ method: 'PUT', body: Readable.from(['x']) }), asked], [503, 1]);
  asked = 0;
  assert.deepEqual([await status({ method: 'PUT', body: Buffer.from('x') }), asked], [200, 2]);
});

test('who does not want it any more need not wait', async () => {
  answer = (response) => void response.writeHead(503, { 'Retry-After': '2' }).end();
  const failed = status({ signal: AbortSignal.timeout(50) });
  await assert.rejects(failed, { code: 'cancelled' });
});

test('a kept connection that the server has closed is no failure', async () => {
  answer = (response) => void response.writeHead(200).end();
  assert.equal(await status(), 200);
  // The next request on the same connection finds it reset before anything is answered.
  answer = (response, attempt) =>
    attempt === 2 ? response.socket?.resetAndDestroy() : void response.writeHead(200).end();
  assert.deepEqual([await status(), asked], [200, 3]);
});
