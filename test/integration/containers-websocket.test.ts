/** `GET /containers/{id}/attach/ws`, as browsers attach. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { ask, create, IMAGE, pullImage, remove } from '../support/containers.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

const reference = process.env['REFERENCE_SOCKET'];
let engine: TestEngine | undefined;
let api: { readonly socket: string };

before(async () => {
  if (reference === undefined) engine = await startTestEngine();
  api = engine ?? { socket: reference ?? '' };
  await pullImage(api);
});
after(() => engine?.[Symbol.asyncDispose]());

async function attached(id: string, query: string): Promise<{ socket: WebSocket; output: () => string }> {
  const socket = new WebSocket(`ws+unix:${api.socket}:/v1.51/containers/${id}/attach/ws?${query}`);
  let text = '';
  socket.on('message', (data: Buffer) => (text += data.toString()));
  await once(socket, 'open');
  return { socket, output: () => text };
}

async function printed(output: () => string, text: string): Promise<void> {
  while (!output().includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('input and output, both streams as one, closed at the end', async () => {
  const command = ['sh', '-c', 'read line; echo "out $line"; echo err >&2; sleep 0.1; exit 4'];
  const id = await create(api, { command, config: { Image: IMAGE, OpenStdin: true } });
  const { socket, output } = await attached(id, 'stream=1&stdin=1&stdout=1&stderr=1');
  await ask(api, 'POST', `/containers/${id}/start`);
  const closed = once(socket, 'close');
  socket.send('typed\n');
  await printed(output, 'out typed');
  await closed;
  assert.deepEqual(output().split('\n').sort(), ['', 'err', 'out typed']);
  await remove(api, id);
});

test('what was printed before, and a client that leaves', async () => {
  const id = await create(api, { command: ['sh', '-c', 'echo before; sleep 1000'] });
  await ask(api, 'POST', `/containers/${id}/start`);
  const { socket, output } = await attached(id, 'logs=1&stream=1&stdout=1');
  await printed(output, 'before');
  socket.terminate();
  assert.match((await ask(api, 'GET', `/containers/${id}/json`)).text, /"Status":"running"/);
  await remove(api, id);
});

test('a terminal', async () => {
  const config = { Tty: true, OpenStdin: true };
  const id = await create(api, { command: ['sh', '-c', 'read line; test -t 0 && echo "tty $line"'], config });
  const { socket, output } = await attached(id, 'stream=1&stdin=1&stdout=1');
  await ask(api, 'POST', `/containers/${id}/start`);
  const closed = once(socket, 'close');
  socket.send('x\n');
  await closed;
  assert.match(output(), /tty x\r\n/);
  await remove(api, id);
});

test('without the handshake of a WebSocket it is a mistake of the client', {
  skip: reference !== undefined,
}, async () => {
  const id = await create(api, {});
  const answer = await engine?.call('GET', `/containers/${id}/attach/ws?stream=1`);
  assert.equal(answer?.status, 400);
  assert.match(answer.text, /speaks WebSocket only/);
  await remove(api, id);
});
