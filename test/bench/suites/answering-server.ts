/** A server that answers `docker build` at once and builds nothing: what the command takes by itself. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';

const IMAGE_ID = `sha256:${'0'.repeat(64)}`;

export interface AnsweringServer extends AsyncDisposable {
  readonly socket: string;
}

/** @param folder for its socket */
export async function answeringServer(folder: string): Promise<AnsweringServer> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('Api-Version', '1.51').setHeader('Ostype', 'linux').setHeader('Builder-Version', '1');
      response.end(request.url?.includes('/build') ? `${JSON.stringify({ stream: `${IMAGE_ID}\n` })}\n` : 'OK');
    });
  });
  const socket = path.join(folder, 'answering.sock');
  await once(server.listen(socket), 'listening');
  return {
    socket,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
