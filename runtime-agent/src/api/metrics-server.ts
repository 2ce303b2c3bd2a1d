/** `GET /metrics` on an address of its own, for Prometheus. Read-only, and without the API. */
import { createServer } from 'node:http';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';

export interface MetricsPlace {
  readonly host: string;
  readonly port: number;
}

/** Throws EngineError('invalid') when the address cannot be listened on. */
export async function serveMetrics({ host, port }: MetricsPlace, render: () => string): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    const found = request.url?.split('?')[0] === '/metrics' && (request.method === 'GET' || request.method === 'HEAD');
    if (!found) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('404 page not found\n');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(request.method === 'HEAD' ? undefined : render());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new EngineError('invalid', `metrics-addr: cannot listen on ${host}:${port}: ${messageOf(cause)}`, { cause }),
      ),
    );
    server.listen(port, host, resolve);
  });
  return {
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
