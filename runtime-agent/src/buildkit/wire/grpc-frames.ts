/** gRPC's messages on an HTTP/2 stream: a byte for compression, four for the length, the message. */
import { EngineError } from '#model/engine-api/errors.ts';

const HEAD = 5;
/** What a peer may send in one message. */
const LIMIT = 64 * 1024 * 1024;

export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, HEAD);
  return frame;
}

/** Gives each whole message of what is fed. Throws EngineError('invalid') for one that is compressed or too large. */
export function createFrameReader(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let length = 0;
  let wanted = HEAD;
  return (chunk) => {
    held.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    const whole = held.length === 1 ? chunk : Buffer.concat(held, length);
    let at = 0;
    for (;;) {
      wanted = HEAD;
      if (whole.length - at < HEAD) break;
      const size = whole.readUInt32BE(at + 1);
      if (whole[at] !== 0) throw new EngineError('invalid', 'a gRPC message is compressed, which was not agreed upon');
      if (size > LIMIT) throw new EngineError('invalid', `a gRPC message of ${size} bytes is larger than 64 MiB`);
      wanted = HEAD + size;
      if (whole.length - at < wanted) break;
      take(whole.subarray(at + HEAD, at + wanted));
      at += wanted;
    }
    held = at === whole.length ? [] : [whole.subarray(at)];
    length = whole.length - at;
  };
}
