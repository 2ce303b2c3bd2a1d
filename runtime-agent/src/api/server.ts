/** The HTTP server of the Docker Engine API. Knows routes, not what they do. */
import { createServer, type IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import path from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { type CallParts, createCall, duplexOf, sendReply } from './call.ts';
import { errorReply } from './errors.ts';
import type { Call } from './route.ts';
import type { Router } from './router.ts';
import { bodyOf, hijackHead, markHijack, RAW_STREAM } from './upgrade.ts';
import { API_VERSION, splitVersion } from './version.ts';

export interface ApiServer extends AsyncDisposable {
  /** Listens on a Unix socket path, or on TCP, there with TLS when given. May be called several times. */
  listen(place: ListenPlace): Promise<void>;
}

export type ListenPlace =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly tls?: TlsOptions | undefined };

const ENGINE_HEADERS: Readonly<Record<string, string>> = {
  'Api-Version': API_VERSION,
  Ostype: 'linux',
  Server: `Docker/${ENGINE_VERSION} (linux)`,
};

export interface ApiServerOptions {
  readonly router: Router;
  /** Told of errors that are ours, not the client's. */
  readonly onFault: (error: unknown, request: IncomingMessage) => void;
  /** What clients are told of dockerd's mode of that name. Default: false. */
  readonly experimental?: boolean;
  /** Told of every call before it is handled. */
  readonly onCall?: (request: IncomingMessage) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly engineHeaders: Call['engineHeaders'];
  readonly response: ServerResponse;
  readonly body: Readable;
  readonly hijack: Call['hijack'];
  readonly takeOver: Call['takeOver'];
  readonly signal: AbortSignal;
}

/** Of the request line, which need not be a URL: `//` is a path here. */
function splitUrl(url: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const at = url.indexOf('?');
  return at < 0
    ? { pathname: url, query: new URLSearchParams() }
    : { pathname: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
}

/** Docker sends clients from `a//b` and `a/../b` to the path that is meant. */
function cleanPath(pathname: string): string {
  const plain = pathname.startsWith('/') ? pathname : new URL(pathname, 'http://engine').pathname;
  return /\/\/|\/\.\.?(\/|$)/.test(plain) ? path.posix.normalize(plain) : plain;
}

async function serve(options: ApiServerOptions, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  options.onCall?.(request);
  try {
    const { pathname, query } = splitUrl(request.url ?? '/');
    const clean = cleanPath(pathname);
    if (request.method === 'OPTIONS') return await sendReply(response, { status: 200 });
    if (clean !== pathname) return await sendReply(response, { status: 301, headers: { Location: clean } });
    const { apiVersion, path: resource } = splitVersion(pathname);
    const { route, params } = options.router.find(request.method ?? 'GET', resource);
    const parts: CallParts = { ...exchange, params, query, apiVersion };
    const reply = await route.handle(createCall(parts));
    if (reply) await sendReply(response, reply);
    else if (response.headersSent && !response.writableEnded) response.end();
  } catch (error) {
    const reply = errorReply(error, request.url ?? '/');
    if (reply.status === 500) options.onFault(error, request);
    // Once the answer has begun, a broken connection is the only way to say that it is not whole.
    if (response.headersSent || response.socket === null) response.destroy();
    else await sendReply(response, reply).catch(() => {});
  }
}

function prepare(
  response: ServerResponse,
  { experimental = false }: ApiServerOptions,
): Pick<Exchange, 'signal' | 'engineHeaders'> {
  const gone = new AbortController();
  const engineHeaders = { ...ENGINE_HEADERS, 'Docker-Experimental': String(experimental) };
  for (const [name, value] of Object.entries(engineHeaders)) response.setHeader(name, value);
  // Node's own word for what HTTP/1.1 means anyway.
  if (response.shouldKeepAlive) response.removeHeader('connection');
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return { signal: gone.signal, engineHeaders };
}

function onUpgrade(options: ApiServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  const { signal, engineHeaders } = prepare(response, options);
  response.assignSocket(socket as Socket);
  response.on('finish', () => socket.end());
  const whenGone = new AbortController();
  socket.on('close', () => whenGone.abort());
  socket.on('error', () => whenGone.abort());
  const takeOver = (): Duplex => {
    response.detachSocket(socket as Socket);
    return socket;
  };
  const hijack: Call['hijack'] = (contentType, headers = {}) => {
    takeOver().write(hijackHead(request, contentType, headers));
    return socket;
  };
  const body = bodyOf(request, socket, head);
  const whenOver = AbortSignal.any([signal, whenGone.signal]);
  void serve(options, { request, response, engineHeaders, body, hijack, takeOver, signal: whenOver });
}

function onRequest(options: ApiServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const prepared = prepare(response, options);
  const hijack: Call['hijack'] = (_contentType, headers = {}) => {
    response.writeHead(200, { 'Content-Type': RAW_STREAM, ...headers });
    response.flushHeaders();
    return duplexOf(request, response);
  };
  const takeOver = (): never => {
    throw new EngineError('invalid', 'the connection has to be upgraded: send Connection: Upgrade');
  };
  void serve(options, { ...prepared, request, response, body: request, hijack, takeOver });
}

/** Of a request that is none, in Go's words. */
function refuseMalformed(error: Error & { readonly code?: string }, socket: Duplex): void {
  const text = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const head = `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`;
  if (socket.writable) socket.end(`${head}${text}`);
  else socket.destroy();
}

function closeServer(server: NetServer): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const http = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true });
  http.timeout = 0;
  http.on('request', (request, response) => onRequest(options, request, response));
  http.on('clientError', refuseMalformed);
  http.on('upgrade', (request, socket, head) => onUpgrade(options, request, socket, head));
  const sockets = new Set<Socket>();
  // node:http attaches its own 'connection' listener in its constructor: every connection passes markHijack before it.
  const [accept] = http.listeners('connection');
  http.removeAllListeners('connection');
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    markHijack(socket, () => accept?.call(http, socket));
  });
  const listeners: NetServer[] = [];
  const take = (socket: Socket): void => void http.emit('connection', socket);
  return {
    listen: (place) =>
      new Promise((resolve, reject) => {
        const tls = 'path' in place ? undefined : place.tls;
        const listener =
          tls === undefined
            ? createNetServer({ allowHalfOpen: true, noDelay: true }, take)
            : createTlsServer({ ...tls, allowHalfOpen: true }, take);
        listener.once('error', reject);
        // Who cannot show a certificate is told by TLS itself.
        listener.on('tlsClientError', (_error, socket: Socket) => void socket.destroy());
        listener.listen('path' in place ? { path: place.path } : { host: place.host, port: place.port }, () => {
          listener.off('error', reject);
          listeners.push(listener);
          resolve();
        });
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(listeners.map(closeServer));
    },
  };
}
