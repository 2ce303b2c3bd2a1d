import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { EngineError } from '#model/engine-api/errors.ts';
import type { DialContainerPort } from './container-port.ts';
import { openTunnel } from './local-tunnel.ts';

let server: Server;
let dial: DialContainerPort;
before(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  dial = async () => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  };
});
after(() => server.close());

async function echo(port: number, message: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.end(message);
  return await text(socket);
}

test('carries bytes both ways, half-closes and all, for several at once', async () => {
  await using tunnel = await openTunnel({ dial });
  const messages = ['a', 'b'.repeat(1_000_000), ''];
  assert.deepEqual(await Promise.all(messages.map(async (one) => await echo(tunnel.port, one))), messages);
});

test('a wanted port that is taken: another one, or a clear error when it must be that one', async () => {
  await using first = await openTunnel({ dial });
  await using second = await openTunnel({ dial, wantedPort: first.port });
  assert.notEqual(second.port, first.port);
  const exact = openTunnel({ dial, wantedPort: first.port, exact: true });
  await assert.rejects(
    exact,
    (error: EngineError) => error.code === 'conflict' && error.message.includes(`${first.port}`),
  );
});

test('a connection that cannot be made is closed and told; the tunnel stays', async () => {
  const told: string[] = [];
  let refuse = true;
  const dialSometimes: DialContainerPort = async (signal) => {
    if (refuse) throw new EngineError('unavailable', 'nothing listens there');
    return await dial(signal);
  };
  await using tunnel = await openTunnel({ dial: dialSometimes, onError: (message) => told.push(message) });
  await echo(tunnel.port, 'x').catch(() => '');
  assert.deepEqual(told, ['nothing listens there']);
  refuse = false;
  assert.equal(await echo(tunnel.port, 'x'), 'x');
});

test('the end of the tunnel ends its connections', async () => {
  const tunnel = await openTunnel({ dial });
  const socket = connect({ host: '127.0.0.1', port: tunnel.port });
  socket.on('error', () => {}).write('x');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await tunnel[Symbol.asyncDispose]();
  await closed;
  await assert.rejects(echo(tunnel.port, 'x'));
});
