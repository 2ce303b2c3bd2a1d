/** Servers that record what log drivers send them. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { DgramSocket } from 'node-unix-socket';

export interface LogServer extends AsyncDisposable {
  readonly port: number;
  /** Datagrams, or for streams everything as one. */
  received(): readonly Buffer[];
  text(): string;
}

export async function udpLogServer(): Promise<LogServer> {
  const socket = createSocket('udp4');
  const received: Buffer[] = [];
  socket.on('message', (bytes) => void received.push(bytes));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    received: () => received,
    text: () => Buffer.concat(received).toString(),
    [Symbol.asyncDispose]: async () => void socket.close(),
  };
}

export function unixDatagramLogServer(path: string): LogServer {
  const socket = new DgramSocket();
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => void received.push(Buffer.from(bytes)));
  socket.bind(path);
  return {
    port: 0,
    received: () => received,
    text: () => Buffer.concat(received).toString(),
    [Symbol.asyncDispose]: async () => socket.close(),
  };
}

/** @param onData may answer @param place a port, or a Unix socket's path; default: any port */
export async function streamLogServer(
  onData: (chunk: Buffer, socket: Socket) => void = () => {},
  place: number | string = 0,
): Promise<LogServer> {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      received.push(chunk);
      onData(chunk, socket);
    });
  });
  if (typeof place === 'string') server.listen(place);
  else server.listen(place, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: typeof place === 'string' ? 0 : (server.address() as AddressInfo).port,
    received: () => [Buffer.concat(received)],
    text: () => Buffer.concat(received).toString(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
