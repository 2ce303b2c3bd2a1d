/** The Engine API over any byte stream: one pool of connections for calls, fresh connections for upgrades. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DockerClient } from '@docker/node-sdk';
import { Agent, type Dispatcher } from 'undici';
import { EngineError, type EngineErrorCode, messageOf } from '#model/engine-api/errors.ts';
import type { EngineCallOptions, EngineConnection } from './engine-connection.ts';
import { labelInText } from './saved-host.ts';

export type Dial = (signal?: AbortSignal) => Promise<Duplex>;

export interface EngineHttp extends Pick<EngineConnection, 'docker' | 'call' | 'stream' | 'upgrade'> {
  /** Ends every call under way. */
  close(): Promise<void>;
}

const ORIGIN = 'http://localhost';
/** Idle connections are dropped a little before the engine would drop them. */
const IDLE_MS = 4000;
/** A stream of a connection that broke while it was written to may never say that it is closed. */
const CLOSE_MS = 500;

/** @param label the host's name, for messages */
export function engineHttp(label: string, dial: Dial): EngineHttp {
  const agent = poolOver(dial);
  const closed = new AbortController();
  const send = async (
    method: string,
    path: string,
    options: EngineCallOptions = {},
  ): Promise<Dispatcher.ResponseData> => {
    const signal = options.signal === undefined ? closed.signal : AbortSignal.any([closed.signal, options.signal]);
    try {
      const answer = await agent.request({
        origin: ORIGIN,
        path: pathWithQuery(path, options.query),
        method: method as Dispatcher.HttpMethod,
        headers: headersFor(options),
        body: bodyFor(options.body),
        headersTimeout: 0,
        bodyTimeout: 0,
        signal,
      });
      if (answer.statusCode < 400) return answer;
      throw errorFor(answer.statusCode, await answer.body.text());
    } catch (error) {
      throw translate(error, label, options.signal);
    }
  };
  return {
    docker: new DockerClient(agent, 'slipway'),
    async call<T>(method: string, path: string, options?: EngineCallOptions): Promise<T> {
      const answer = await send(method, path, options);
      try {
        const body = await answer.body.text();
        return (body === '' ? undefined : JSON.parse(body)) as T;
      } catch (error) {
        throw translate(error, label, options?.signal);
      }
    },
    stream: async (method, path, options) => (await send(method, path, options)).body,
    upgrade: (method, path, options = {}) => upgrade(label, dial, method, path, options),
    close() {
      closed.abort(new Error('the connection was closed'));
      return Promise.race([agent.destroy(), sleep(CLOSE_MS)]);
    },
  };
}

function poolOver(dial: Dial): Agent {
  return new Agent({
    keepAliveTimeout: IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, callback) => {
      // undici asks for a net.Socket but uses only what every Duplex has.
      dial().then(
        (stream) => callback(null, stream as Parameters<typeof callback>[1] & Duplex),
        (error: unknown) => callback(error as Error, null),
      );
    },
  });
}

async function upgrade(
  label: string,
  dial: Dial,
  method: string,
  path: string,
  options: EngineCallOptions,
): Promise<Duplex> {
  const socket = await dial(options.signal);
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const request = httpRequest({
    createConnection: () => socket,
    // VS Code patches node:http for proxies and drops createConnection, except where a socket path says it is local.
    socketPath: 'engine',
    method,
    path: pathWithQuery(path, options.query),
    headers: { ...headersFor(options), host: 'localhost', connection: 'Upgrade', upgrade: 'tcp' },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  request.on('error', (error) => reject(translate(error, label, options.signal)));
  request.on('upgrade', (_response, stream, head) => {
    if (head.length > 0) stream.unshift(head);
    resolve(stream);
  });
  request.on('response', (response) => {
    void refusal(response).then((error) => {
      socket.destroy();
      reject(error);
    });
  });
  const body = bodyFor(options.body);
  if (body instanceof Readable) body.pipe(request);
  else request.end(body ?? undefined);
  return await promise;
}

async function refusal(response: IncomingMessage): Promise<EngineError> {
  const status = response.statusCode ?? 500;
  const body = await text(response).catch(() => '');
  if (status >= 400) return errorFor(status, body);
  return new EngineError('not-implemented', `The engine answered ${status} where it should have opened a stream.`);
}

function headersFor(options: EngineCallOptions): Record<string, string> {
  const { body } = options;
  const json = body !== undefined && !(body instanceof Uint8Array) && !(body instanceof Readable);
  const length = json ? Buffer.byteLength(JSON.stringify(body)) : body instanceof Uint8Array ? body.length : undefined;
  return {
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...(length === undefined ? {} : { 'content-length': String(length) }),
    ...options.headers,
  };
}

function bodyFor(body: EngineCallOptions['body']): string | Uint8Array | Readable | null {
  if (body === undefined) return null;
  if (body instanceof Uint8Array || body instanceof Readable) return body;
  return JSON.stringify(body);
}

/** Lists become repeated keys, as Docker's API wants them (`t=a&t=b`); undefined values are left out. */
export function pathWithQuery(path: string, query: EngineCallOptions['query']): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) search.append(name, one);
  }
  const text = search.toString();
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

const CODES: Readonly<Record<number, EngineErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'too-many-requests',
  501: 'not-implemented',
  503: 'unavailable',
};

function errorFor(status: number, body: string): EngineError {
  let message = body.trim();
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) message = String(parsed.message);
  } catch {
    // not JSON: the text is the message
  }
  return new EngineError(CODES[status] ?? 'internal', message === '' ? `The engine answered ${status}.` : message);
}

function translate(error: unknown, label: string, signal: AbortSignal | undefined): EngineError {
  if (error instanceof EngineError) return error;
  if (signal?.aborted === true) return new EngineError('cancelled', 'Cancelled.', { cause: error });
  const reason = messageOf(error);
  return new EngineError('unavailable', `The engine on ${labelInText(label)} does not answer: ${reason}`, {
    cause: error,
  });
}
