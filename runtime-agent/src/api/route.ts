/** A route file is a table of these; handlers decode, call, encode. */
import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Before } from './version.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';

export interface Reply {
  readonly status: number;
  /** JSON unless it is a string, bytes or a stream. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A long answer written bit by bit: headers go out with the first write or at once with `flush`. */
export interface ReplyStream {
  readonly headers: Readonly<Record<string, string>>;
  /** Writes; resolves when the client can take more (back-pressure). Rejects when the client has gone. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** One JSON value and a line break, which is CRLF where Docker tells of progress. */
  json(value: unknown, lineBreak?: string): Promise<void>;
}

export interface Call {
  /** For its headers; the body is `body`. */
  readonly request: IncomingMessage;
  readonly body: Readable;
  /** Path parameters: `{name}` is one segment or, when last in its path's part, whatever matches (see router). */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Whether the client speaks an older version of the API; without a version in the path it is the newest. */
  readonly before: Before;
  /** Aborts when the client goes away or the engine stops. */
  readonly signal: AbortSignal;
  /** The JSON body; undefined when empty. Throws EngineError('invalid') with Docker's words when it is not JSON. */
  json(): Promise<unknown>;
  /** Boolean query parameter as Docker reads it: '', 0, no, false, none are false. */
  flag(name: string, fallback?: boolean): boolean;
  /** The `filters` parameter as name -> values. Both of Docker's encodings are read. */
  filters(): ReadonlyMap<string, readonly string[]>;
  /** Starts a streaming answer with status 200. */
  stream(contentType: string, status?: number): ReplyStream;
  /** What every answer tells of the engine, but those of connections that are taken over. */
  readonly engineHeaders: Readonly<Record<string, string>>;
  /**
   * Takes the connection over: answers 101 (when asked to upgrade) or 200, then it is a raw two-way stream that the
   * handler ends. `headers` go with the answer (a WebSocket's accept key, say).
   */
  hijack(contentType: string, headers?: Readonly<Record<string, string>>): Duplex;
  /** The connection of a request to upgrade, before any answer. Throws EngineError('invalid') for another one. */
  takeOver(): Duplex;
}

export interface Route {
  readonly method: Method;
  /** `/containers/{id}/json`. `{name*}` takes slashes too. */
  readonly path: string;
  /** undefined when the handler streamed or hijacked. */
  readonly handle: (call: Call) => Promise<Reply | undefined>;
}
