/** Git's own server behind HTTP (git-http-backend), for the repositories of a folder. */
import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts';

export async function startGitServer(root: string): Promise<LoopbackServer> {
  return await startLoopbackServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://h');
    const backend = spawn('git', ['http-backend'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      },
    });
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => {}); // it need not read all
    void answer(backend.stdout, response);
  });
}

/** CGI (RFC 3875): headers, `Status` among them, an empty line, the body. */
async function answer(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of output) {
    if (head === undefined) {
      response.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) continue;
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.split(': ', 2) as [string, string]));
    const { Status = '200', ...others } = headers;
    response.writeHead(Number.parseInt(Status, 10), others);
    response.write(head.subarray(end + 4));
    head = undefined;
  }
  response.end();
}
