/** A request as the handlers see it: decoding in, encoding out. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseFilters } from '#model/engine-api/filters.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { parseJson } from '#model/engine-api/parse-json.ts';
import type { Call, Reply, ReplyStream } from './route.ts';
import { olderThan } from './version.ts';

const JSON_LIMIT = 32 * 1024 * 1024;

export interface CallParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The body: the request itself, or, on a connection to be upgraded, what the framing says belongs to it. */
  readonly body: Readable;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly apiVersion: string;
  readonly engineHeaders: Call['engineHeaders'];
  readonly signal: AbortSignal;
  readonly hijack: Call['hijack'];
  readonly takeOver: Call['takeOver'];
}

async function readJson({ body, request }: CallParts): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > JSON_LIMIT) throw new EngineError('invalid', 'the request body is larger than 32 MiB');
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks).toString();
  const text = whole.startsWith('\ufeff') ? whole : whole.trim(); // which takes that mark for a space
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (text !== '' && type !== 'application/json') {
    const given = request.headers['content-type'] ?? '';
    if (type === '') throw new EngineError('invalid', `malformed Content-Type header (${given}): mime: no media type`);
    throw new EngineError('invalid', `unsupported Content-Type header (${given}): must be 'application/json'`);
  }
  // Older docker command lines send `null` for a body that they have not got.
  return text === '' ? undefined : (parseJson(text) ?? {});
}

function openStream(response: ServerResponse, contentType: string, status: number): ReplyStream {
  const headers = { 'Content-Type': contentType };
  const gather = gathering(response);
  response.writeHead(status, headers);
  gather();
  response.flushHeaders();
  let room: Promise<unknown> | undefined; // one for all that wait
  const write = async (chunk: string | Uint8Array): Promise<void> => {
    if (response.destroyed || response.closed) throw new EngineError('cancelled', 'the client went away');
    if (response.write(chunk)) return;
    await (room ??= roomIn(response).finally(() => (room = undefined)));
  };
  return {
    headers,
    write,
    json(value, lineBreak = '\n') {
      gather();
      return write(`${JSON.stringify(value)}${lineBreak}`);
    },
  };
}

/** Resolves when the client has taken what was written, or has gone. */
async function roomIn(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  over.abort(); // the listener of what did not come goes
}

/** The head and many small messages of one turn of the event loop leave in one system call, each still a chunk of its own. */
function gathering({ socket }: ServerResponse): () => void {
  let isGathering = false;
  return () => {
    if (isGathering || socket === null) return;
    isGathering = true;
    socket.cork();
    setImmediate(() => {
      isGathering = false;
      socket.uncork();
    });
  };
}

export function createCall(parts: CallParts): Call {
  const { query } = parts;
  let parsed: Promise<unknown> | undefined;
  return {
    request: parts.request,
    body: parts.body,
    params: parts.params,
    query,
    before: olderThan(parts.apiVersion),
    signal: parts.signal,
    json: () => (parsed ??= readJson(parts)),
    flag(name, fallback = false) {
      const value = query.get(name);
      if (value === null) return fallback;
      return !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
    },
    filters: () => parseFilters(query.get('filters')),
    stream: (contentType, status = 200) => openStream(parts.response, contentType, status),
    engineHeaders: parts.engineHeaders,
    hijack: parts.hijack,
    takeOver: parts.takeOver,
  };
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';

/** Sends the handler's reply. A streamed body that fails half-way breaks the connection, so the client notices. */
export async function sendReply(response: ServerResponse, reply: Reply): Promise<void> {
  const { status, body, headers = {} } = reply;
  if (isStream(body)) {
    try {
      response.writeHead(status, { 'Content-Type': 'application/octet-stream', ...headers });
      await pipeline(body, response);
    } finally {
      body.destroy(); // pipeline leaves it alone when the client has gone already
    }
    return;
  }
  if (body === undefined) {
    const isEmpty = status !== 204 && status !== 304 && response.req.method !== 'HEAD';
    response.writeHead(status, { ...(isEmpty && { 'Content-Length': '0' }), ...headers }).end();
    return;
  }
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const data = raw ? body : `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': raw ? 'text/plain; charset=utf-8' : 'application/json',
    'Content-Length': Buffer.byteLength(data),
    ...headers,
  });
  response.end(data);
}

/** A hijacked plain request on a connection that cannot be taken over: body in, body out. */
export function duplexOf(body: Readable, response: ServerResponse): Duplex {
  return Duplex.from({ readable: body, writable: response });
}
