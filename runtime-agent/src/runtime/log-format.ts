/**
 * conmon's log lines, the format of Kubernetes' CRI: `TIMESTAMP STREAM TAG CONTENT\n`. The engine runs conmon in UTC, so
 * the head of each line has one width: `2026-11-22T01:36:54.293086600+00:00 stdout F `. Tag P is a piece of a line whose
 * newline is still to come.
 */

const HEAD = 45;
/** `2026-11-22T01:36:54.293086600`, what time stamps are compared by. */
const INSTANT = 29;
/** The letter in which `stdout` and `stderr` differ. */
const STREAM_AT = 39;
const TAG_AT = 43;
const LETTER_E = 0x65;
const LETTER_P = 0x50;
const NEWLINE = 0x0a;
const STAMP_LENGTH = INSTANT + 2;

export interface LogSelection {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Inclusive bounds as `2026-11-22T01:36:54.293086600`. */
  readonly since?: string;
  readonly until?: string;
  readonly timestamps?: boolean;
  /** Stands before each line, behind its time stamp. */
  readonly prefix?: string;
  /** `multiplexed`: Docker's 8-byte frames; `raw`: the bytes alone. */
  readonly framing: 'multiplexed' | 'raw';
  /** One frame per line, as `docker logs` has it; otherwise neighbours of one stream share a frame. */
  readonly framePerLine?: boolean;
}

/** Turns chunks of whole log lines into what a client reads. Keeps where a line was left open between chunks. */
export type LogDecoder = (lines: Buffer) => Buffer;

export function createLogDecoder(selection: LogSelection): LogDecoder {
  const since = selection.since === undefined ? undefined : Buffer.from(selection.since);
  const until = selection.until === undefined ? undefined : Buffer.from(selection.until);
  const framed = selection.framing === 'multiplexed';
  const perLine = selection.framePerLine ?? false;
  const stamps = selection.timestamps ?? false;
  const prefix = Buffer.from(selection.prefix ?? '');
  const midLine = [false, false];

  const wanted = (lines: Buffer, at: number, stream: 0 | 1): boolean => {
    if (stream === 0 ? !selection.stdout : !selection.stderr) return false;
    if (since !== undefined && lines.compare(since, 0, INSTANT, at, at + INSTANT) < 0) return false;
    return until === undefined || lines.compare(until, 0, INSTANT, at, at + INSTANT) <= 0;
  };

  return (lines) => {
    // Every line loses its 45-byte head and gains at most a frame's 8 and a time stamp's 31 bytes, and the prefix.
    const room = prefix.length === 0 ? 0 : prefix.length * countLines(lines);
    const out = Buffer.allocUnsafe(lines.length + room);
    let size = 0;
    let frame = -1;
    let frameStream = -1;
    for (let at = 0; at < lines.length; ) {
      const end = lines.indexOf(NEWLINE, at + HEAD - 1);
      if (end < 0) break;
      const stream = lines[at + STREAM_AT] === LETTER_E ? 1 : 0;
      const partial = lines[at + TAG_AT] === LETTER_P;
      const start = at + HEAD;
      if (wanted(lines, at, stream)) {
        if (framed && (perLine || frameStream !== stream)) {
          frame = size;
          frameStream = stream;
          size = beginFrame(out, size, stream);
        }
        if (stamps && !midLine[stream]) size = writeStamp(out, size, lines, at);
        if (!midLine[stream]) size += prefix.copy(out, size);
        const stop = partial ? end : end + 1;
        size += lines.copy(out, size, start, stop);
        if (framed) out.writeUInt32BE(size - frame - 8, frame + 4);
        midLine[stream] = partial;
      }
      at = end + 1;
    }
    return out.subarray(0, size);
  };
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(NEWLINE); at >= 0; at = lines.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function beginFrame(out: Buffer, at: number, stream: 0 | 1): number {
  out.writeUInt32BE((stream + 1) << 24, at);
  return at + 8;
}

function writeStamp(out: Buffer, at: number, lines: Buffer, from: number): number {
  lines.copy(out, at, from, from + INSTANT);
  out.write('Z ', at + INSTANT, 'latin1');
  return at + STAMP_LENGTH;
}

/** Position after the last complete line, 0 when there is none. */
export function endOfLines(chunk: Buffer): number {
  return chunk.lastIndexOf(NEWLINE) + 1;
}

/**
 * Where the last `count` lines of a block begin, counting backwards from its end, and how many of them are in it. An
 * unfinished last line counts as one.
 * @param block starts at the beginning of a line and ends at the end of one
 */
export function tailOfBlock(
  block: Buffer,
  count: number,
  last: boolean,
): { readonly at: number; readonly found: number } {
  let found = 0;
  let at = block.length;
  let end = block.length;
  while (end > 0) {
    const start = block.lastIndexOf(NEWLINE, end - 2) + 1;
    const partial = block[start + TAG_AT] === LETTER_P;
    if (!partial || (last && end === block.length)) {
      if (found === count) break;
      found++;
    }
    at = start;
    end = start;
  }
  return { at, found };
}

/** A log line's instant for comparisons, from seconds and nanoseconds since the epoch. */
export function logInstant(seconds: number, nanoseconds: number): string {
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${date}.${String(nanoseconds).padStart(9, '0')}`;
}
