/** Sends datagrams: over UDP, where nobody tells whether they arrive, or into a Unix socket of the host. */
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { DgramSocket } from 'node-unix-socket';
import { EngineError } from '#model/engine-api/errors.ts';

export interface Datagrams extends Disposable {
  /** Resolves when the kernel has it. */
  send(bytes: Buffer): Promise<void>;
}

/** Throws EngineError when the name has no address. */
export async function openUdp(host: string, port: number): Promise<Datagrams> {
  const { address } = await lookup(host).catch((cause: unknown) => {
    throw new EngineError('internal', `dial udp: lookup ${host}: no such host`, { cause });
  });
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.unref();
  socket.on('error', () => {});
  return {
    send: (bytes) =>
      new Promise((resolve) => {
        // An earlier datagram that was refused says nothing about this one.
        socket.send(bytes, port, address, () => resolve());
      }),
    [Symbol.dispose]: () => socket.close(),
  };
}

export function openUnixDatagrams(path: string): Datagrams {
  const socket = new DgramSocket();
  socket.on('error', () => {});
  return {
    send: (bytes) =>
      new Promise((resolve, reject) => {
        socket.sendTo(bytes, 0, bytes.length, path, (error) => {
          if (error) reject(new EngineError('unavailable', `${path}: ${error.message}`, { cause: error }));
          else resolve();
        });
      }),
    [Symbol.dispose]: () => socket.close(),
  };
}
