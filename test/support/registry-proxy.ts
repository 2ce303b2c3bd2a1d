/** Stands between an engine and a registry: counts what is asked, and makes the network as bad as a test wants it. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly range: string | undefined;
}

export interface RegistryProxy extends AsyncDisposable {
  readonly host: string;
  readonly url: string;
  readonly seen: Seen[];
  /** Requests for blobs of that digest. */
  blobRequests(digest: string): Seen[];
}

export interface Meddling {
  /** Answers itself and returns true, or lets the request pass. */
  readonly before?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
  /** Passes on the body; default: as it comes. */
  readonly body?: (incoming: IncomingMessage, answer: IncomingMessage, outgoing: ServerResponse) => void;
}

/** @param target `http://127.0.0.1:5000` */
export async function startRegistryProxy(target: string, meddling: Meddling = {}): Promise<RegistryProxy> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', range: incoming.headers.range });
    if (meddling.before?.(incoming, outgoing) === true) {
      incoming.resume();
      return;
    }
    const { method, headers } = incoming;
    const forward = request(new URL(incoming.url ?? '/', target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      const pass =
        meddling.body ?? ((_in: IncomingMessage, from: IncomingMessage, to: ServerResponse) => void from.pipe(to));
      pass(incoming, answer, outgoing);
    });
    forward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forward.destroy());
    incoming.pipe(forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    seen,
    blobRequests: (digest) => seen.filter(({ method, url }) => method === 'GET' && url.includes(`/blobs/${digest}`)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
