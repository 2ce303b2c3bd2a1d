/** Bodies in chunks (RFC 9112, 7.1) of requests whose connection is taken over, which Node's parser leaves to us. */
import { EngineError } from '#model/engine-api/errors.ts';

export interface ChunkedBody {
  readonly body: Buffer;
  /** What follows the body. */
  readonly rest: Buffer;
}

const malformed = (): EngineError => new EngineError('invalid', 'the chunked request body is malformed');

/** undefined: more is to come. Throws EngineError('invalid'). Trailers are skipped. */
export function readChunks(bytes: Buffer): ChunkedBody | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = lineAt(bytes, at);
    if (line === undefined) return undefined;
    const size = /^([0-9a-f]{1,8})[\t ]*(?:;.*)?$/i.exec(line.text)?.[1];
    if (size === undefined) throw malformed();
    const length = Number.parseInt(size, 16);
    if (length === 0) {
      const rest = afterTrailers(bytes, line.end);
      return rest === undefined ? undefined : { body: Buffer.concat(parts), rest };
    }
    const end = line.end + length;
    if (bytes.length < end + 2) return undefined;
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw malformed();
    parts.push(bytes.subarray(line.end, end));
    at = end + 2;
  }
}

function afterTrailers(bytes: Buffer, from: number): Buffer | undefined {
  for (let at = from; ; ) {
    const line = lineAt(bytes, at);
    if (line === undefined) return undefined;
    if (line.text === '') return bytes.subarray(line.end);
    at = line.end;
  }
}

function lineAt(bytes: Buffer, at: number): { readonly text: string; readonly end: number } | undefined {
  const end = bytes.indexOf('\r\n', at);
  return end < 0 ? undefined : { text: bytes.toString('latin1', at, end), end: end + 2 };
}
