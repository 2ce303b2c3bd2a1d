/** The server over a real Unix socket: framing, errors, streams, and hijacking with and without an upgrade. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Call, Reply, Route } from './route.ts';
import { createRouter } from './router.ts';
import { type ApiServer, createApiServer } from './server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-api-'));
const socketPath = path.join(folder, 'api.sock');
const faults: unknown[] = [];
let server: ApiServer;

async function echo(call: Call): Promise<undefined> {
  const body = (await call.json()) as { greeting?: string };
  const stream = call.hijack('application/vnd.docker.raw-stream');
  stream.write(`hello ${body.greeting ?? 'nobody'}\n`);
  stream.on('data', (chunk: Buffer) => stream.write(chunk.toString().toUpperCase()));
  stream.on('end', () => stream.end());
  return undefined;
}

const get = (name: string, handle: (call: Call) => Promise<Reply | undefined>): Route => ({
  method: 'GET',
  path: name,
  handle,
});

before(async () => {
  const routes: Route[] = [
    { method: 'POST', path: '/body', handle: async (call) => ({ status: 200, body: await call.json() }) },
    get('/hello', async (call) => ({ status: 200, body: { old: call.before('1.44'), q: call.flag('q') } })),
    get('/missing', () => Promise.reject(new EngineError('not-found', 'No such container: x'))),
    get('/fault', () => Promise.reject(new Error('boom'))),
    get('/stream', async (call) => {
      const stream = call.stream('application/json');
      for (let i = 0; i < 3; i++) await stream.json({ i });
      return undefined;
    }),
    get('/forever', async (call) => {
      call.stream('application/json');
      await once(call.signal, 'abort');
      faults.push('aborted');
      return undefined;
    }),
    { method: 'POST', path: '/exec/{id}/start', handle: echo },
  ];
  server = createApiServer({ router: createRouter(routes), onFault: (error) => faults.push(error) });
  await server.listen({ path: socketPath });
});

after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function fetchPath(urlPath: string, sent?: string): Promise<{ status: number; body: string }> {
  const headers = { 'content-type': 'application/json' };
  const call = request({ socketPath, path: urlPath, ...(sent === undefined ? {} : { method: 'POST', headers }) });
  call.end(sent);
  const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

test('answers JSON, with the version from the path', async () => {
  assert.deepEqual(JSON.parse((await fetchPath('/v1.41/hello?q=1')).body), { old: true, q: true });
});

test('errors are {"message"} with Docker’s status; ours are also reported', async () => {
  assert.deepEqual(await fetchPath('/missing'), { status: 404, body: '{"message":"No such container: x"}\n' });
  assert.deepEqual(await fetchPath('/nosuch'), { status: 404, body: '{"message":"page not found"}\n' });
  assert.equal((await fetchPath('/fault')).status, 500);
  assert.equal(faults.length, 1);
});

test('a body that is null is an empty one', async () => {
  for (const sent of ['null', ' null\n', '{}']) assert.equal((await fetchPath('/body', sent)).body, '{}\n');
});

test('streams JSON lines', async () => {
  assert.equal((await fetchPath('/stream')).body, '{"i":0}\n{"i":1}\n{"i":2}\n');
});

test('a client that goes away aborts the call', async () => {
  const call = request({ socketPath, path: '/forever' });
  call.on('error', () => {});
  call.end();
  await once(call, 'response');
  call.destroy();
  for (let i = 0; i < 100 && !faults.includes('aborted'); i++) await sleep(10);
  assert.ok(faults.includes('aborted'));
});

async function readUntil(socket: Socket, wanted: string): Promise<string> {
  let seen = '';
  while (!seen.includes(wanted)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    seen += chunk.toString();
  }
  return seen;
}

const EXEC_BODY = '{"greeting":"world"}';
const head = (extra: string): string =>
  `POST /v1.51/exec/x/start HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: ${EXEC_BODY.length}\r\n${extra}\r\n`;

for (const [title, extra, status] of [
  ['with Upgrade: tcp', 'Connection: Upgrade\r\nUpgrade: tcp\r\n', 'HTTP/1.1 101 UPGRADED'],
  ['with Upgrade: tcp alone', 'Upgrade: tcp\r\n', 'HTTP/1.1 101 UPGRADED'],
  ['without an upgrade', '', 'HTTP/1.1 200 OK'],
] as const) {
  test(`hijack ${title}: body first, then a raw stream with half-close`, async () => {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    // The body comes in two parts and the stream's first bytes right behind it, in one packet.
    socket.write(head(extra) + EXEC_BODY.slice(0, 5));
    await sleep(20);
    socket.write(`${EXEC_BODY.slice(5)}early `);
    let seen = await readUntil(socket, 'EARLY ');
    socket.end('late');
    for await (const chunk of socket) seen += String(chunk);
    assert.ok(seen.startsWith(status), seen);
    assert.ok(seen.endsWith('\r\n\r\nhello world\nEARLY LATE'), seen);
  });
}

test('a body in chunks is told from what follows it', async () => {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  const chunked = head('').replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
  socket.end(`${chunked}${EXEC_BODY.length.toString(16)}\r\n${EXEC_BODY}\r\n0\r\n\r\n`);
  let seen = '';
  for await (const chunk of socket) seen += String(chunk);
  assert.match(seen, /hello world/);
});

test('chunks that are none are refused, whether or not somebody reads the body, and the server lives on', async () => {
  for (const [place, answer] of [
    ['exec/x/start', /400 Bad Request[^]*the chunked request body is malformed/],
    ['session', /404 Not Found/],
  ] as const) {
    const socket = connect({ path: socketPath, allowHalfOpen: true });
    const wish = 'Connection: Upgrade\r\nUpgrade: h2c\r\n';
    const chunked = head(wish).replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
    socket.end(`${chunked.replace('exec/x/start', place)}no chunk\r\n`);
    let seen = '';
    for await (const chunk of socket) seen += String(chunk);
    assert.match(seen, answer);
  }
});

test('a body of no kind, or of another kind than JSON, is refused', async () => {
  for (const [type, message] of [
    ['', 'malformed Content-Type header (): mime: no media type'],
    ['application/xml', "unsupported Content-Type header (application/xml): must be 'application/json'"],
  ] as const) {
    const call = request({ socketPath, path: '/body', method: 'POST', headers: type ? { 'content-type': type } : {} });
    call.end('{}');
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    assert.deepEqual([response.statusCode, JSON.parse(await text(response))], [400, { message }]);
  }
});

test('a hijacking request that fails is answered like any other', async () => {
  const socket = connect(socketPath);
  socket.write('POST /v1.51/containers/x/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  const seen = await text(socket);
  assert.match(seen, /^HTTP\/1.1 404 Not Found\r\n[\s\S]*{"message":"page not found"}/);
});

async function rawly(text: string): Promise<string> {
  const socket = connect(socketPath);
  socket.write(text);
  return (await buffer(socket)).toString();
}

test('answers say of the connection only that it ends', async () => {
  const [kept = '', ended = ''] = (
    await rawly('GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  ).split(/(?<=\}\n)/);
  assert.doesNotMatch(kept, /^connection:/im);
  assert.match(ended, /^Connection: close\r$/m);
  // A connection that was to be taken over is not for another request.
  const refused = await rawly('POST /containers/x/attach HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  assert.match(refused, /^HTTP\/1.1 404 [^]*\r\nConnection: close\r\n/);
});

test('what is no request is refused in Go’s words', async () => {
  const malformed = await rawly('GARBAGE\r\n\r\n');
  const head = 'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n';
  assert.equal(malformed, `${head}400 Bad Request`);
  const long = await rawly(`GET /hello HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`);
  assert.match(long, /^HTTP\/1.1 431 Request Header Fields Too Large\r\n/);
});

test('an answer without a body says so', async () => {
  const moved = await rawly('GET //hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(moved, /^HTTP\/1.1 301 .*\r\n[^]*Content-Length: 0\r\n/);
});
