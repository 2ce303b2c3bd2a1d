/** A gRPC client on one connection that the peer has opened: it serves, we ask. */
import { type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { createFrameReader, frameOf } from './grpc-frames.ts';
import { decodeText, errorOf, GRPC } from './grpc-status.ts';
import { type MessageQueue, messageQueue } from './message-queue.ts';
import type { Message } from './protobuf.ts';

export interface GrpcStream<Q, A> {
  /** Resolves when more can be taken. */
  send(message: Partial<Q>): Promise<void>;
  /** Nothing more is sent. */
  end(): void;
  /** The peer's messages; rejects with what the peer says is wrong. */
  readonly answers: MessageQueue<A>;
  /** Gives up. */
  cancel(): void;
}

export interface StreamOptions {
  readonly headers?: OutgoingHttpHeaders;
  readonly signal: AbortSignal;
}

export interface GrpcClient {
  readonly closed: Promise<void>;
  close(): void;
  call<Q, A>(
    path: string,
    types: readonly [Message<Q>, Message<A>],
    request: Partial<Q>,
    signal: AbortSignal,
  ): Promise<A>;
  stream<Q, A>(path: string, types: readonly [Message<Q>, Message<A>], options: StreamOptions): GrpcStream<Q, A>;
}

/** Bytes of a stream and of the connection that may be on their way: files come in, and come in fast. */
const WINDOW = 8 * 1024 * 1024;

export function grpcClient(connection: Duplex): GrpcClient {
  const session = connect('http://session', {
    createConnection: () => connection,
    settings: { initialWindowSize: WINDOW, enablePush: false },
  });
  session.on('error', () => {}); // the calls that are open reject
  connection.once('end', () => session.destroy()); // the engine's sockets stay half open otherwise
  session.once('connect', () => session.setLocalWindowSize(WINDOW));
  const closed = new Promise<void>((resolve) => session.once('close', resolve));
  const open = (path: string, { headers = {}, signal }: StreamOptions): ClientHttp2Stream => {
    signal.throwIfAborted();
    if (session.closed || session.destroyed) throw new EngineError('unavailable', SESSION_GONE);
    const fixed = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    return session.request({ ...headers, ...fixed }, { endStream: false });
  };
  const stream: GrpcClient['stream'] = (path, types, options) =>
    typedStream(open(path, options), types, options.signal);
  return {
    closed,
    close: () => session.destroy(),
    stream,
    async call(path, types, request, signal) {
      const { send, end, answers } = stream(path, types, { signal });
      await send(request);
      end();
      for await (const answer of answers) return answer;
      throw new EngineError('invalid', `${path} gave no answer`);
    },
  };
}

const SESSION_GONE = "the client's session ended before its build did: run the build again";

/** What a stream's end means, once it has closed. */
function outcomeOf(trailers: Record<string, unknown> | undefined): EngineError | undefined {
  const code = trailers?.['grpc-status'];
  if (code === undefined) return new EngineError('unavailable', SESSION_GONE);
  if (Number(code) === GRPC.ok) return undefined;
  return errorOf(Number(code), decodeText(String(trailers?.['grpc-message'] ?? 'the client gave no reason')));
}

function typedStream<Q, A>(
  stream: ClientHttp2Stream,
  [asked, answered]: readonly [Message<Q>, Message<A>],
  signal: AbortSignal,
): GrpcStream<Q, A> {
  const queue = messageQueue<A>(stream);
  let trailers: Record<string, unknown> | undefined;
  const feed = createFrameReader((bytes) => queue.add(answered.decode(bytes)));
  // An answer without messages has its status in its head.
  stream.on('response', (headers) => void ('grpc-status' in headers && (trailers = headers)));
  stream.on('trailers', (headers) => (trailers = headers));
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    try {
      feed(chunk);
    } catch (error) {
      queue.fail(error);
      stream.close();
    }
  });
  const cancel = (): void => stream.close(8);
  const aborted = (): void => {
    queue.fail(signal.reason);
    cancel();
  };
  signal.addEventListener('abort', aborted);
  stream.once('close', () => {
    signal.removeEventListener('abort', aborted);
    const error = outcomeOf(trailers);
    if (error === undefined) queue.end();
    else queue.fail(error);
  });
  return {
    async send(message) {
      if (stream.destroyed || stream.closed) return; // its end says why
      if (!stream.write(frameOf(asked.encode(message)))) {
        await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
      }
    },
    end: () => void stream.end(),
    answers: queue,
    cancel,
  };
}
