import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PortWish } from './port-plan.ts';
import { createPortReservations } from './port-reservations.ts';

const any: PortWish = { protocol: 'tcp', containerPort: 80, hostIps: ['127.0.0.1'], firstPort: 0, lastPort: 0 };
const nowhere = (): undefined => undefined;

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function taken(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer();
  const port = await listening(server);
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())) };
}

test('what reaches the engine is carried to the container, halves of connections too', async () => {
  await using reservations = createPortReservations();
  const echo = createServer(
    { allowHalfOpen: true },
    async (socket) => void socket.end((await text(socket)).toUpperCase()),
  );
  const target = { address: '127.0.0.1', port: await listening(echo) };
  const [bound] = await reservations.take('c1', [any], () => target);
  const client = connect({ host: '127.0.0.1', port: bound?.hostPort ?? 0, allowHalfOpen: true });
  const big = 'x'.repeat(1_000_000);
  client.end(big);
  assert.equal(await text(client), big.toUpperCase());
  echo.close();
});

test('a container that does not listen: the connection is reset, not accepted and left', async () => {
  await using reservations = createPortReservations();
  const free = await taken();
  await free[Symbol.asyncDispose]();
  for (const target of [() => ({ address: '127.0.0.1', port: free.port }), nowhere]) {
    const [bound] = await reservations.take('c1', [any], target);
    const client = connect({ host: '127.0.0.1', port: bound?.hostPort ?? 0 });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  }
});

test('UDP: each peer gets its own answers', async () => {
  await using reservations = createPortReservations();
  const server = createSocket('udp4');
  server.on('message', (message, from) => server.send(`re ${message}`, from.port, from.address));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const target = { address: '127.0.0.1', port: server.address().port };
  const [bound] = await reservations.take('c1', [{ ...any, protocol: 'udp' }], () => target);
  const peers = ['a', 'b'].map((name) => ({ name, socket: createSocket('udp4') }));
  for (const { name, socket } of peers) socket.send(name, bound?.hostPort ?? 0, '127.0.0.1');
  for (const { name, socket } of peers) {
    const [message] = (await once(socket, 'message')) as [Buffer];
    assert.equal(String(message), `re ${name}`);
    socket.close();
  }
  server.close();
});

test('all or nothing, and free again when released', async () => {
  await using reservations = createPortReservations();
  await using other = await taken();
  const fixed = (port: number): PortWish => ({ ...any, firstPort: port, lastPort: port });
  const [free] = await reservations.take('c0', [any], nowhere);
  await reservations.release('c0');
  const port = free?.hostPort ?? 0;
  await assert.rejects(
    reservations.take('c1', [fixed(port), fixed(other.port)], () => ({ address: '10.0.0.2', port: 80 })),
    new RegExp(
      `^EngineError: failed to bind host port for 127.0.0.1:${other.port}:10.0.0.2:80/tcp: address already in use$`,
    ),
  );
  assert.equal((await reservations.take('c2', [fixed(port)], nowhere)).length, 1);
  await assert.rejects(
    reservations.take('c3', [fixed(port)], nowhere),
    /Bind for .* failed: port is already allocated$/,
  );
  await reservations.release('c2');
  await reservations.release('c2');
  assert.equal((await reservations.take('c3', [fixed(port)], nowhere)).length, 1);
});

test('a port that was just freed rests', async () => {
  await using reservations = createPortReservations();
  const [first] = await reservations.take('c1', [any], nowhere);
  await reservations.release('c1');
  const [second] = await reservations.take('c1', [any], nowhere);
  assert.notEqual(second?.hostPort, first?.hostPort);
});

test('taking over again: what is gone to others is told', async () => {
  await using reservations = createPortReservations();
  await using other = await taken();
  const ports = [0, other.port].map((hostPort) => ({
    protocol: 'tcp' as const,
    containerPort: 80,
    hostIp: '127.0.0.1',
    hostPort,
  }));
  assert.deepEqual(await reservations.retake('c1', ports, nowhere), [ports[1]]);
});

test('releasing ends the connections that the engine carries', async () => {
  await using reservations = createPortReservations();
  const held = createServer(() => {});
  const port = await listening(held);
  const [bound] = await reservations.take('c1', [any], () => ({ address: '127.0.0.1', port }));
  const client = connect({ host: '127.0.0.1', port: bound?.hostPort ?? 0 });
  await once(client, 'connect');
  await sleep(20);
  const closed = once(client, 'error');
  await reservations.release('c1');
  await closed;
  held.close();
});
