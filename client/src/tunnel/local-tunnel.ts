/** A port of this machine's loopback that leads into a container. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { DialContainerPort } from './container-port.ts';

export interface LocalTunnel extends AsyncDisposable {
  readonly port: number;
}

export interface TunnelOptions {
  readonly dial: DialContainerPort;
  /** Tried first; another one is taken when it is in use, unless `exact`. */
  readonly wantedPort?: number;
  readonly exact?: boolean;
  /** Told when a connection cannot be made; the tunnel stays. */
  readonly onError?: (message: string) => void;
}

/** Throws EngineError('conflict') when the exact port is taken. */
export async function openTunnel(options: TunnelOptions): Promise<LocalTunnel> {
  const ended = new AbortController();
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    void carry(client, options, ended.signal);
  });
  const port = await listen(server, options);
  return {
    port,
    async [Symbol.asyncDispose]() {
      ended.abort();
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function carry(client: Socket, { dial, onError }: TunnelOptions, signal: AbortSignal): Promise<void> {
  client.on('error', () => client.destroy());
  let inside: Duplex;
  try {
    inside = await dial(signal);
  } catch (error) {
    client.destroy();
    if (!signal.aborted) onError?.(messageOf(error));
    return;
  }
  await Promise.all([pipeline(client, inside), pipeline(inside, client)]).catch(() => {
    client.destroy();
    inside.destroy();
  });
}

async function listen(server: Server, { wantedPort = 0, exact = false }: TunnelOptions): Promise<number> {
  const on = (port: number): Promise<number> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  try {
    return await on(wantedPort);
  } catch (error) {
    if (wantedPort !== 0 && !exact) return await on(0);
    const text = `Port ${wantedPort} of this machine is in use: close the program that uses it, or choose another port.`;
    throw new EngineError('conflict', text, { cause: error });
  }
}
