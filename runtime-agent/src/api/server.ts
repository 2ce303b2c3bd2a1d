/** The HTTP server of the Docker Engine API on one socket. Knows routes, not what they do. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import { type CallParts, createCall, duplexOf, sendReply } from './call.ts';
import { errorReply } from './errors.ts';
import type { Call } from './route.ts';
import type { Router } from './router.ts';
import { bodyOf, hijackHead, markHijack } from './upgrade.ts';
import { API_VERSION, ENGINE_VERSION, splitVersion } from './version.ts';

export interface ApiServer extends AsyncDisposable {
  /** Listens on a Unix socket path. */
  listen(socketPath: string): Promise<void>;
}

const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'Api-Version': API_VERSION,
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: `Docker/${ENGINE_VERSION} (linux)`,
};

export interface ApiServerOptions {
  readonly router: Router;
  /** Told of errors that are ours, not the client's. */
  readonly onFault: (error: unknown, request: IncomingMessage) => void;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Readable;
  readonly hijack: Call['hijack'];
  readonly signal: AbortSignal;
}

async function serve(options: ApiServerOptions, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  try {
    const url = new URL(request.url ?? '/', 'http://engine');
    const { apiVersion, path } = splitVersion(url.pathname);
    const { route, params } = options.router.find(request.method ?? 'GET', path);
    const parts: CallParts = { ...exchange, params, query: url.searchParams, apiVersion };
    const reply = await route.handle(createCall(parts));
    if (reply) await sendReply(response, reply);
    else if (response.headersSent && !response.writableEnded) response.end();
  } catch (error) {
    const reply = errorReply(error);
    if (reply.status === 500) options.onFault(error, request);
    // Once the answer has begun, a broken connection is the only way to say that it is not whole.
    if (response.headersSent || response.socket === null) response.destroy();
    else await sendReply(response, reply).catch(() => {});
  }
}

function prepare(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value);
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

function onUpgrade(options: ApiServerOptions, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const response = new ServerResponse(request);
  const signal = prepare(response);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => socket.end());
  const whenGone = new AbortController();
  socket.on('close', () => whenGone.abort());
  socket.on('error', () => whenGone.abort());
  const hijack: Call['hijack'] = (contentType, headers = {}) => {
    response.detachSocket(socket as Socket);
    socket.write(hijackHead(request, contentType, headers));
    return socket;
  };
  const body = bodyOf(request, socket, head);
  void serve(options, { request, response, body, hijack, signal: AbortSignal.any([signal, whenGone.signal]) });
}

function onRequest(options: ApiServerOptions, request: IncomingMessage, response: ServerResponse): void {
  const signal = prepare(response);
  const hijack: Call['hijack'] = (contentType, headers = {}) => {
    response.writeHead(200, { 'Content-Type': contentType, ...headers });
    response.flushHeaders();
    return duplexOf(request, response);
  };
  void serve(options, { request, response, body: request, hijack, signal });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const http = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, noDelay: true });
  http.timeout = 0;
  http.on('request', (request, response) => onRequest(options, request, response));
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
  return {
    listen: (socketPath) =>
      new Promise((resolve, reject) => {
        http.once('error', reject);
        http.listen(socketPath, () => {
          http.off('error', reject);
          resolve();
        });
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await closeServer(http);
    },
  };
}
