/** A gRPC server on one connection, whichever way that came about. */
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { createFrameReader, frameOf } from './grpc-frames.ts';
import { GRPC, type GrpcStatus, statusOf, trailersOf } from './grpc-status.ts';
import { messageQueue } from './message-queue.ts';
import type { Message } from './protobuf.ts';

/** A call with its messages as bytes. */
export interface RawCall {
  readonly requests: AsyncIterable<Buffer>;
  readonly headers: IncomingHttpHeaders;
  /** Sends a message; resolves when more can be taken. */
  send(answer: Buffer): Promise<void>;
  /** Headers to go before the first message. */
  head(headers?: Readonly<Record<string, string>>): void;
  /** Aborts when the caller goes away or gives up. */
  readonly signal: AbortSignal;
}

export interface GrpcCall<Q, A> extends Omit<RawCall, 'requests' | 'send'> {
  readonly request: Q;
  send(answer: Partial<A>): Promise<void>;
}

export interface GrpcMethod {
  /** `/package.Service/Method` */
  readonly path: string;
  handle(call: RawCall): Promise<void>;
}

/** A method that takes one message and answers with what it sends and what it gives. */
export function grpcMethod<Q, A>(
  path: string,
  [asked, answered]: readonly [Message<Q>, Message<A>],
  handle: (call: GrpcCall<Q, A>) => Promise<Partial<A> | undefined>,
): GrpcMethod {
  return {
    path,
    async handle(call) {
      const request = asked.decode(await firstOf(call.requests));
      const send = (answer: Partial<A>): Promise<void> => call.send(answered.encode(answer));
      const answer = await handle({ ...call, request, send });
      if (answer !== undefined) await send(answer);
    },
  };
}

async function firstOf(requests: AsyncIterable<Buffer>): Promise<Buffer> {
  for await (const request of requests) return request;
  throw new EngineError('invalid', 'the call has no message');
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

/** Serves the connection until it ends. */
export async function serveGrpc(connection: Duplex, methods: readonly GrpcMethod[]): Promise<void> {
  const byPath = new Map(methods.map((method) => [method.path, method]));
  const session = performServerHandshake(connection);
  session.on('error', () => {}); // its streams end; whoever called has gone
  connection.once('end', () => session.destroy()); // the engine's sockets stay half open otherwise
  session.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    void answerCall(stream, headers, byPath.get(String(headers[':path'])));
  });
  if (!session.destroyed) await new Promise<void>((resolve) => session.once('close', resolve));
}

async function answerCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  method: GrpcMethod | undefined,
): Promise<void> {
  const gone = new AbortController();
  stream.once('close', () => gone.abort());
  stream.once('aborted', () => gone.abort());
  const begin = (extra: Readonly<Record<string, string>> = {}): void => {
    if (!stream.headersSent) stream.respond({ ...HEADERS, ...extra }, { waitForTrailers: true });
  };
  let status: GrpcStatus = { code: GRPC.ok, message: '', details: [] };
  try {
    if (method === undefined) {
      throw new EngineError('not-implemented', `this engine has no method ${String(headers[':path'])}`);
    }
    const requests = messagesOf(stream);
    const send = async (answer: Buffer): Promise<void> => {
      begin();
      if (stream.destroyed || stream.closed) throw new EngineError('cancelled', 'the client went away');
      if (!stream.write(frameOf(answer))) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    };
    await method.handle({ requests, headers, send, head: begin, signal: gone.signal });
  } catch (error) {
    status = statusOf(error);
  }
  if (stream.destroyed || stream.closed) return;
  begin();
  stream.once('wantTrailers', () => stream.sendTrailers(trailersOf(status)));
  stream.end();
}

function messagesOf(stream: ServerHttp2Stream): AsyncIterable<Buffer> {
  const queue = messageQueue<Buffer>(stream);
  const feed = createFrameReader((message) => queue.add(message));
  stream.on('data', (chunk: Buffer) => {
    try {
      feed(chunk);
    } catch (error) {
      queue.fail(error);
    }
  });
  stream.once('end', () => queue.end());
  stream.once('close', () => queue.fail(new EngineError('cancelled', 'the client went away')));
  return queue;
}
