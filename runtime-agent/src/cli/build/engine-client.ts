/** The engine's API as `slipway build` calls it: over a Unix socket or TCP. */
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { EngineError } from '#model/engine-api/errors.ts';

export interface EngineClient {
  /** Throws EngineError with the engine's own words when it refuses. */
  post(path: string, body?: Readable | Buffer, headers?: Readonly<Record<string, string>>): Promise<IncomingMessage>;
  get(path: string): Promise<IncomingMessage>;
  /** Takes the connection over. */
  upgrade(path: string): Promise<Duplex>;
}

/** @param address `unix:///path`, `tcp://host:port` or `http://host:port` */
export function engineClient(address: string, signal: AbortSignal): EngineClient {
  const where = readAddress(address);
  const explain = (error: NodeJS.ErrnoException): unknown =>
    signal.aborted
      ? new EngineError('cancelled', 'the build was cancelled')
      : new EngineError('unavailable', `cannot reach the engine at ${address}: ${error.message}`, { cause: error });
  const send = (options: RequestOptions, body?: Readable | Buffer): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const call = request({ ...where, ...options, signal });
      call.on('response', resolve);
      call.on('error', (error) => reject(explain(error)));
      if (body === undefined || body instanceof Uint8Array) call.end(body);
      else {
        body.on('error', (error) => {
          reject(error);
          call.destroy();
        });
        body.pipe(call);
      }
    });
  const checked = async (sent: Promise<IncomingMessage>): Promise<IncomingMessage> => {
    const response = await sent;
    if ((response.statusCode ?? 500) < 400) return response;
    throw new EngineError('invalid', messageOf((await buffer(response)).toString()));
  };
  return {
    post: (path, body, headers = {}) => checked(send({ method: 'POST', path, headers }, body)),
    get: (path) => checked(send({ method: 'GET', path })),
    upgrade: (path) =>
      new Promise((resolve, reject) => {
        const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
        const call = request({ ...where, method: 'POST', path, headers, signal });
        call.on('upgrade', (_response, socket, head) => {
          if (head.length > 0) socket.unshift(head); // came with the answer
          resolve(socket);
        });
        call.on('response', (response) =>
          reject(new EngineError('internal', `the engine answered ${response.statusCode}`)),
        );
        call.on('error', (error) => reject(explain(error)));
        call.end();
      }),
  };
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : text;
  } catch {
    return text.trim();
  }
}

function readAddress(address: string): RequestOptions {
  if (address.startsWith('unix://')) return { socketPath: address.slice('unix://'.length) };
  const url = URL.parse(address.replace(/^tcp:/, 'http:'));
  if (url?.protocol !== 'http:') {
    const advice = 'use unix://SOCKET or tcp://HOST:PORT; for a host over SSH forward its socket (ssh -L)';
    throw new EngineError('invalid', `cannot use the engine address ${address}: ${advice}`);
  }
  return { host: url.hostname, port: url.port === '' ? 2375 : Number(url.port) };
}
