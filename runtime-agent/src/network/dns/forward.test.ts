import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { type Exchange, exchangeTcp, exchangeUdp, forward } from './forward.ts';
import { messagesFrom, withLength } from './tcp-framing.ts';

const message = encode({ type: 'query', id: 4711, questions: [{ type: 'A', name: 'example.test' }] });
const reply = (to: Buffer, id = to.readUInt16BE(0)): Buffer => {
  const copy = Buffer.from(to);
  copy.writeUInt16BE(id, 0);
  copy[2] = (copy[2] ?? 0) | 0x80;
  return copy;
};
const codeOf = (found: Buffer | undefined): number => (found === undefined ? -1 : (decode(found).flags ?? 0) & 0xf);
const never = new AbortController().signal;

async function udpServer(answer: (query: Buffer) => Buffer | undefined) {
  const socket = createSocket('udp4');
  const ids: number[] = [];
  socket.on('message', (query, from) => {
    ids.push(query.readUInt16BE(0));
    const found = answer(query);
    if (found !== undefined) socket.send(found, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1#${socket.address().port}`, ids, [Symbol.dispose]: () => void socket.close() };
}

test('UDP: another id upstream each time, the asker’s own in the answer', async () => {
  using upstream = await udpServer(reply);
  for (let i = 0; i < 4; i++) {
    const got = await exchangeUdp(message, upstream.server, never);
    assert.equal(decode(got).id, 4711);
  }
  assert.ok(new Set(upstream.ids).size > 1);
});

test('UDP: an answer with another id is not taken for one', async () => {
  using upstream = await udpServer((query) => reply(query, query.readUInt16BE(0) ^ 1));
  await assert.rejects(exchangeUdp(message, upstream.server, AbortSignal.timeout(100)));
});

test('TCP: the answer after its length; a server that hangs up is an error', async () => {
  let silent = false;
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    if (silent) return void socket.end();
    for await (const query of messagesFrom(socket)) socket.write(withLength(reply(query)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const name = `127.0.0.1#${typeof address === 'object' ? address?.port : 0}`;
  assert.equal(decode(await exchangeTcp(message, name, never)).id, 4711);
  silent = true;
  await assert.rejects(exchangeTcp(message, name, never), /closed the connection|ECONNRESET/);
  server.close();
});

test('servers are asked in order, three at most, until one answers', async () => {
  const asked: string[] = [];
  const exchange: Exchange = async (query, server) => {
    asked.push(server);
    if (server !== 'c') throw new Error('no answer');
    return reply(query);
  };
  assert.ok(await forward(message, ['a', 'b', 'c'], exchange, never));
  assert.deepEqual(asked.splice(0), ['a', 'b', 'c']);
  const failed = await forward(message, ['a', 'a', 'b', 'c'], exchange, never);
  assert.deepEqual(asked.splice(0), ['a', 'a', 'b']);
  assert.equal(codeOf(failed), 2);
  const none = await forward(message, [], exchange, never);
  assert.equal(codeOf(none), 2);
  assert.equal(await forward(message, ['a'], exchange, AbortSignal.abort()), undefined);
});

test('a silent server holds nobody up for long: the next one is asked beside it, and what is not needed ends', async () => {
  const ended: string[] = [];
  const exchange: Exchange = (query, server, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.push(server);
        reject(new Error('aborted'));
      });
      if (server === 'second') resolve(reply(query));
    });
  const started = Date.now();
  assert.equal(codeOf(await forward(message, ['silent', 'second', 'third'], exchange, never)), 0);
  const took = Date.now() - started;
  assert.ok(took >= 900 && took < 1900, `${took} ms`);
  assert.deepEqual(ended, ['silent', 'second'], 'the third was never asked');
});
