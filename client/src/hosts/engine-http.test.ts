import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { engineHttp, pathWithQuery } from './engine-http.ts';
import { dialUnix } from './unix-socket.ts';

let folder: string;
let server: Server;
let socketPath: string;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'slipway-http-'));
  socketPath = path.join(folder, 'engine.sock');
  server = createServer((request, response) => {
    if (request.url === '/echo') {
      response.setHeader('content-type', 'application/json');
      void text(request).then((body) =>
        response.end(JSON.stringify({ method: request.method, type: request.headers['content-type'], body })),
      );
    } else if (request.url === '/missing') {
      response.statusCode = 404;
      response.end(JSON.stringify({ message: 'No such container: x' }));
    } else if (request.url === '/plain') {
      response.statusCode = 500;
      response.end('broken pipe');
    } else if (request.url === '/unchanged') {
      response.statusCode = 304;
      response.end();
    } else if (request.url === '/stream') {
      response.write('a');
      setTimeout(() => response.end('b'), 20);
    } else if (request.url === '/version') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ Version: '1.2.3', ApiVersion: '1.51' }));
    } // anything else is never answered
  });
  server.on('upgrade', (request, socket, head) => {
    if (request.url === '/refuse') {
      socket.end(
        'HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 26\r\n\r\n{"message":"not running"}\n',
      );
      return;
    }
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello ');
    socket.write(head);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
});

after(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const connect = () => engineHttp('box', (signal) => dialUnix(socketPath, signal));

test('a call sends JSON and reads JSON', async () => {
  const http = connect();
  const answer = await http.call('POST', '/echo', { body: { Image: 'alpine' } });
  assert.deepEqual(answer, { method: 'POST', type: 'application/json', body: '{"Image":"alpine"}' });
  await http.close();
});

test('bytes and streams are sent as they are', async () => {
  const http = connect();
  const bytes = await http.call<{ body: string }>('PUT', '/echo', { body: Buffer.from('tar') });
  assert.equal(bytes.body, 'tar');
  const stream = await http.call<{ body: string }>('PUT', '/echo', { body: Readable.from(['t', 'ar']) });
  assert.equal(stream.body, 'tar');
  await http.close();
});

test('statuses become error codes with the engine message', async () => {
  const http = connect();
  const isError = (code: string, message: string) => (error: unknown) =>
    error instanceof EngineError && error.code === code && error.message === message;
  await assert.rejects(http.call('GET', '/missing'), isError('not-found', 'No such container: x'));
  await assert.rejects(http.call('GET', '/plain'), isError('internal', 'broken pipe'));
  assert.equal(await http.call('POST', '/unchanged'), undefined);
  await http.close();
});

test('the answer body streams', async () => {
  const http = connect();
  assert.equal(await text(await http.stream('GET', '/stream')), 'ab');
  await http.close();
});

test('an upgrade gives a two-way stream with what came right after the answer', async () => {
  const http = connect();
  const stream = await http.upgrade('POST', '/exec/1/start', { body: { Tty: true } });
  stream.write('world');
  let seen = '';
  for await (const chunk of stream) {
    seen += String(chunk);
    if (seen.includes('world')) break;
  }
  assert.match(seen, /^hello .*world$/s);
  await http.close();
});

test('a refused upgrade is the engine error', async () => {
  const http = connect();
  await assert.rejects(http.upgrade('POST', '/refuse'), { code: 'conflict', message: 'not running' });
  await http.close();
});

test('an aborted call is cancelled, not failed', async () => {
  const http = connect();
  await assert.rejects(http.call('GET', '/never', { signal: AbortSignal.timeout(30) }), { code: 'cancelled' });
  await http.close();
});

test('a stream that never closes holds up neither the calls under way nor closing', async () => {
  const deaf = async (): Promise<Duplex> =>
    new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done(), destroy: () => {} });
  const http = engineHttp('box', deaf);
  const call = assert.rejects(http.call('GET', '/never'), { code: 'unavailable' });
  await sleep(20);
  await http.close();
  await call;
});

test('no engine: the message names the socket', async () => {
  const http = engineHttp('box', (signal) => dialUnix(path.join(folder, 'none.sock'), signal));
  await assert.rejects(http.call('GET', '/_ping'), {
    code: 'unavailable',
    message: /none\.sock: there is no such socket/,
  });
  await http.close();
});

test('the Docker SDK speaks over the same streams', async () => {
  const http = connect();
  assert.equal((await http.docker.systemVersion()).Version, '1.2.3');
  await http.close();
});

test('query: lists repeat the key, undefined is left out', () => {
  assert.equal(pathWithQuery('/build', { t: ['a', 'b'], q: true, x: undefined }), '/build?t=a&t=b&q=true');
  assert.equal(pathWithQuery('/a', undefined), '/a');
  assert.equal(pathWithQuery('/a?b=1', { c: 2 }), '/a?b=1&c=2');
});
