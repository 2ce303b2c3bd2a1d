/**
 * Docker clients take connections over ("hijack") with `Upgrade: tcp` and, older ones, without. Node's parser stops at
 * the head of an upgraded request only, so a head that hijacks without asking for it is given the header on arrival.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, PassThrough, Readable } from 'node:stream';

const HIJACKING = /^POST (?:\/v[\d.]+)?\/(?:containers\/[^/ ]+\/attach|exec\/[^/ ]+\/start)(?:\?\S*)? HTTP\/1\.1\r\n/;
const HEAD_LIMIT = 64 * 1024;
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
  if (!HIJACKING.test(head)) return seen;
  const asked = /\r\nupgrade:/i.test(head);
  if (asked && /\r\nconnection:[^\r]*upgrade/i.test(head)) return seen;
  // The body's end must be told from what follows it: Node does that where nothing is upgraded.
  if (/\r\ntransfer-encoding:/i.test(head)) return seen;
  const kept = head.replace(/\r\nconnection:[^\r]*/gi, '');
  // To Docker the header `Upgrade` alone is enough.
  const wish = asked ? '' : `\r\nUpgrade: tcp\r\n${RAW_HEADER}: 1`;
  const added = `${kept}\r\nConnection: Upgrade${wish}`;
  return Buffer.concat([Buffer.from(added, 'latin1'), seen.subarray(end)]);
}

/** Of a chunked body that has nothing in it, as dockerode sends it before it serves a session. */
const EMPTY_BODY = Buffer.from('0\r\n\r\n');

function withoutEmptyBody({ headers }: IncomingMessage, head: Buffer): Buffer {
  const chunked = /chunked/i.test(headers['transfer-encoding'] ?? '');
  return chunked && head.subarray(0, EMPTY_BODY.length).equals(EMPTY_BODY) ? head.subarray(EMPTY_BODY.length) : head;
}

/** The body of an upgraded request: as long as Content-Length says; what follows on the socket is the client's stream. */
export function bodyOf(request: IncomingMessage, socket: Duplex, received: Buffer): Readable {
  const head = withoutEmptyBody(request, received);
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
    ? ['HTTP/1.1 200 OK', 'Content-Type: application/vnd.docker.raw-stream']
    : [
        'HTTP/1.1 101 UPGRADED',
        `Content-Type: ${contentType}`,
        'Connection: Upgrade',
        `Upgrade: ${request.headers.upgrade ?? 'tcp'}`,
      ];
  return [...lines, ...Object.entries(extra).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}
