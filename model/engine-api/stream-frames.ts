/**
 * The frames in which attach, exec and logs carry stdout and stderr over one connection when there is no terminal: one
 * byte stream, three zero bytes, four bytes length (big-endian), payload. See ContainerAttach in Docker's API reference.
 */
export const FRAME_HEAD = 8;

const STREAMS = ['stdin', 'stdout', 'stderr'] as const;
export type FrameStream = (typeof STREAMS)[number];

export function frameHead(stream: FrameStream, length: number): Uint8Array {
  const head = new Uint8Array(FRAME_HEAD);
  head[0] = STREAMS.indexOf(stream);
  new DataView(head.buffer).setUint32(4, length);
  return head;
}

export interface Frame {
  readonly stream: FrameStream;
  readonly payload: Uint8Array;
}

/** Gives the frames that are complete with each piece of input; keeps the rest. Throws RangeError for unknown streams. */
export function createFrameReader(): (chunk: Uint8Array) => Frame[] {
  let kept = new Uint8Array(0);
  return (chunk) => {
    const data = new Uint8Array(kept.length + chunk.length);
    data.set(kept);
    data.set(chunk, kept.length);
    const frames: Frame[] = [];
    let at = 0;
    while (data.length - at >= FRAME_HEAD) {
      const length = new DataView(data.buffer, at).getUint32(4);
      if (data.length - at - FRAME_HEAD < length) break;
      const stream = STREAMS[data[at] ?? -1];
      if (stream === undefined) throw new RangeError(`stream ${data[at]} in a frame`);
      frames.push({ stream, payload: data.subarray(at + FRAME_HEAD, at + FRAME_HEAD + length) });
      at += FRAME_HEAD + length;
    }
    kept = data.slice(at);
    return frames;
  };
}
