/**
 * Docker clients take connections over ("hijack") with `Upgrade: tcp` and, older ones, without. Node's parser stops at
 * the head of an upgraded request only (`Connection: Upgrade`, which dockerd does not insist on), so a head that hijacks
 * without asking for it so is given the headers on arrival.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, PassThrough, Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { readChunks } from './chunked-body.ts';

const HIJACKING = /^POST (?:\/v[\d.]+)?\/(?:containers\/[^/ ]+\/attach|exec\/[^/ ]+\/start)(?:\?\S*)? HTTP\/1\.1\r\n/;
/** These hijack too, but only for who asks for an upgrade. */
const UPGRADING = /^POST (?:\/v[\d.]+)?\/(?:session|grpc)(?:\?\S*)? HTTP\/1\.1\r\n/;
const HEAD_LIMIT = 64 * 1024;
const BODY_LIMIT = 32 * 1024 * 1024;
/** Who has not asked for an upgrade is not told of frames, though they are there. */
export const RAW_STREAM = 'application/vnd.docker.raw-stream';
/** Marks a request that hijacks without having asked for an upgrade: it is answered 200 instead of 101. */
export const RAW_HEADER = 'slipway-raw-hijack';

/** Calls `ready` once the connection's first bytes are there and, where needed, marked; the bytes stay in the socket. */
export function markHijack(socket: Socket, ready: () => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const look = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const end = seen.indexOf('\r\n\r\n');
    const mayHijack = seen.subarray(0, 5).toString('latin1') === 'POST '.slice(0, seen.length);
    if (mayHijack && end < 0 && seen.length < HEAD_LIMIT) return;
    socket.off('readable', look);
    socket.unshift(end < 0 ? seen : marked(seen, end));
    ready();
  };
  socket.on('readable', look);
}

function marked(seen: Buffer, end: number): Buffer {
  const head = seen.subarray(0, end).toString('latin1');
  const asks = /\r\nupgrade:/i.test(head);
  if (!HIJACKING.test(head) && !(asks && UPGRADING.test(head))) return seen;
  if (asks && /\r\nconnection:[^\r]*upgrade/i.test(head)) return seen;
  const kept = head.replace(/\r\nconnection:[^\r]*/gi, '');
  const added = asks ? '' : `\r\nUpgrade: tcp\r\n${RAW_HEADER}: 1`;
  return Buffer.concat([Buffer.from(`${kept}\r\nConnection: Upgrade${added}`, 'latin1'), seen.subarray(end)]);
}

/** The body of an upgraded request; what follows on the socket is the client's stream. */
export function bodyOf(request: IncomingMessage, socket: Duplex, head: Buffer): Readable {
  const chunked = /\bchunked\b/i.test(request.headers['transfer-encoding'] ?? '');
  return chunked ? chunkedBodyOf(socket, head) : sizedBodyOf(request, socket, head);
}

function chunkedBodyOf(socket: Duplex, head: Buffer): Readable {
  const body = new PassThrough();
  // Who reads the body is told; nobody may, and that must not end the engine.
  body.on('error', () => {});
  let seen = head;
  const take = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk]);
    }
    try {
      const read = readChunks(seen);
      if (read === undefined && seen.length < BODY_LIMIT) return;
      socket.off('readable', take);
      if (read === undefined) throw new EngineError('invalid', 'the request body is larger than 32 MiB');
      if (read.rest.length > 0) socket.unshift(read.rest);
      body.end(read.body);
    } catch (error) {
      socket.off('readable', take);
      body.destroy(error as Error);
    }
  };
  socket.on('readable', take);
  socket.once('close', () => body.end());
  take();
  return body;
}

function sizedBodyOf(request: IncomingMessage, socket: Duplex, head: Buffer): Readable {
  const length = Number(request.headers['content-length'] ?? 0);
  if (head.length > length) socket.unshift(head.subarray(length));
  const first = head.subarray(0, length);
  if (first.length >= length) return Readable.from(length === 0 ? [] : [first]);
  const body = new PassThrough();
  let missing = length - first.length;
  body.write(first);
  // By 'readable', not 'data': the socket must be left neither flowing nor paused for whoever takes it over.
  const take = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      body.write(chunk.subarray(0, missing));
      if (chunk.length > missing) socket.unshift(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.length);
      if (missing > 0) continue;
      socket.off('readable', take);
      body.end();
      return;
    }
  };
  socket.on('readable', take);
  socket.once('close', () => body.end());
  return body;
}

/** The status line and headers that answer a hijack; only who asked to upgrade is told of frames, as by Docker. */
export function hijackHead(
  request: IncomingMessage,
  contentType: string,
  extra: Readonly<Record<string, string>>,
): string {
  const raw = request.headers[RAW_HEADER] !== undefined;
  const lines = raw
    ? ['HTTP/1.1 200 OK', `Content-Type: ${RAW_STREAM}`]
    : [
        'HTTP/1.1 101 UPGRADED',
        `Content-Type: ${contentType}`,
        'Connection: Upgrade',
        `Upgrade: ${request.headers.upgrade ?? 'tcp'}`,
      ];
  return [...lines, ...Object.entries(extra).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}
