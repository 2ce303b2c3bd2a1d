/** A connection as a WebSocket (RFC 6455): what comes as messages goes on as bytes, and back as messages. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Call } from './route.ts';

const MESSAGE_LIMIT = 16 * 1024 * 1024;

/** Answers the handshake. Throws EngineError('invalid') when the client asked for none. */
export async function openWebSocket(call: Call): Promise<Duplex> {
  const { headers } = call.request;
  if (headers.upgrade?.toLowerCase() !== 'websocket' || headers['sec-websocket-key'] === undefined) {
    throw new EngineError('invalid', 'this path speaks WebSocket only: send the handshake of RFC 6455');
  }
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_LIMIT,
    clientTracking: false,
  });
  const opened = once(server, 'open') as Promise<[WebSocket]>;
  const socket = call.takeOver();
  server.handleUpgrade(call.request, socket, Buffer.alloc(0), (client) => server.emit('open', client));
  socket.once('close', () => server.emit('error', new EngineError('cancelled', 'the client went away')));
  server.on('error', () => {}); // after it has opened, the stream tells
  const [client] = await opened;
  // Before 1.28 they were text, whatever was in them.
  if (call.before('1.28')) {
    const send = client.send.bind(client) as (data: unknown, options: object, done?: (error?: Error) => void) => void;
    client.send = (data: unknown, ...rest: unknown[]) => send(data, { binary: false }, rest.at(-1) as () => void);
  }
  return createWebSocketStream(client);
}
