/** The files of a folder over HTTP, with nothing else that a server could do. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';

export async function startFileServer(root: string): Promise<LoopbackServer> {
  return await startLoopbackServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://h');
    readFile(path.join(root, pathname)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
}
