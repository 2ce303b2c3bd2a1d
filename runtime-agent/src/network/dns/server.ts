/** The engine's resolver: listens on the gateway address of each network, over UDP and TCP. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messagesFrom, withLength } from './tcp-framing.ts';

export type Transport = 'udp' | 'tcp';
/** Answers one message from one peer; undefined: no answer. */
export type Responder = (message: Buffer, peer: string, transport: Transport) => Promise<Buffer | undefined>;

export interface Listener extends AsyncDisposable {
  readonly port: number;
}

const BIND_TRIES = 20;
/** A bridge's address may need a moment to be usable. */
const BIND_PAUSE_MS = 25;
const TCP_IDLE_MS = 30_000;
const MAX_TCP_PEERS = 256;

/** @param wished port for both transports; 0: any. Throws the system's error when it cannot be had. */
export async function listen(address: string, wished: number, respond: Responder): Promise<Listener> {
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    try {
      await bindUdp(udp, address, wished);
      const { port } = udp.address();
      const tcp = await listenTcp(address, port, respond);
      serveUdp(udp, respond);
      return { port, [Symbol.asyncDispose]: () => closeBoth(udp, tcp) };
    } catch (error) {
      udp.close();
      if (attempt === BIND_TRIES) throw error;
      await delay(BIND_PAUSE_MS);
    }
  }
}

function bindUdp(socket: UdpSocket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function serveUdp(socket: UdpSocket, respond: Responder): void {
  socket.on('error', () => {});
  socket.on('message', (message, { address, port }) => {
    void respond(message, address, 'udp').then(
      (reply) => {
        if (reply !== undefined) socket.send(reply, port, address, () => {});
      },
      () => {}, // the asking one repeats its question
    );
  });
  socket.unref();
}

function listenTcp(address: string, port: number, respond: Responder): Promise<TcpServer> {
  const peers = new Set<Socket>();
  const server = createServer((socket) => {
    peers.add(socket);
    socket.on('close', () => peers.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    void serveTcp(socket, respond).catch(() => socket.destroy());
  });
  server.maxConnections = MAX_TCP_PEERS;
  server.unref();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve({ server, peers });
    });
  });
}

interface TcpServer {
  readonly server: Server;
  readonly peers: ReadonlySet<Socket>;
}

async function serveTcp(socket: Socket, respond: Responder): Promise<void> {
  const peer = socket.remoteAddress ?? '';
  for await (const message of messagesFrom(socket)) {
    const reply = await respond(message, peer, 'tcp');
    if (reply !== undefined) socket.write(withLength(reply));
  }
  socket.end();
}

async function closeBoth(udp: UdpSocket, { server, peers }: TcpServer): Promise<void> {
  for (const peer of peers) peer.destroy();
  await Promise.all([
    new Promise<void>((resolve) => void udp.close(() => resolve())),
    new Promise<void>((resolve) => void server.close(() => resolve())),
  ]);
}
