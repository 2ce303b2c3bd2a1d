/** conmon's log lines as the messages that log drivers send: pieces of one line joined, up to Docker's 16 KiB. */
import { randomBytes } from 'node:crypto';
import type { LogPosition } from '../runtime/log-read.ts';
import type { LogMessage, PartialLine } from './log-sink.ts';

const LINE_LIMIT = 16 * 1024;
const HEAD = 45;
const STREAM_AT = 39;
const TAG_AT = 43;
const LETTER_E = 0x65;
const LETTER_P = 0x50;
const NEWLINE = 0x0a;

/** Where reading goes on after a message, and up to where each stream has been sent by then. */
export interface LogProgress {
  readonly from: LogPosition;
  readonly stdout: LogPosition;
  readonly stderr: LogPosition;
}

export interface PlacedMessage {
  readonly message: LogMessage;
  readonly progress: LogProgress;
}

export interface MessageAssembler {
  /**
   * @param lines whole lines of the log; what is kept of them is copied
   * @param place of the first of them
   */
  push(lines: Buffer, place: LogPosition): Generator<PlacedMessage>;
  /** What a stream printed after its last newline, when nothing more will come. */
  finish(): LogMessage[];
}

/** A line whose end is still to come. */
interface Open {
  readonly pieces: Buffer[];
  size: number;
  seconds: number;
  nanoseconds: number;
  begin: LogPosition | undefined;
  /** Which line of the log it began with, counted from the first one pushed. */
  number: number;
  readonly partial: Omit<PartialLine, 'last'> | undefined;
}

type Stream = LogMessage['stream'];

function empty(partial?: Omit<PartialLine, 'last'>): Open {
  return { pieces: [], size: 0, seconds: 0, nanoseconds: 0, begin: undefined, number: 0, partial };
}

/** Reads `2026-11-22T01:36:54.293086600`. */
function instantOf(lines: Buffer, at: number): { seconds: number; nanoseconds: number } {
  const seconds = Date.parse(`${lines.toString('latin1', at, at + 19)}Z`) / 1000;
  return { seconds, nanoseconds: Number(lines.toString('latin1', at + 20, at + 29)) };
}

export function createMessageAssembler(newId = (): string => randomBytes(32).toString('hex')): MessageAssembler {
  const open: Record<Stream, Open> = { stdout: empty(), stderr: empty() };
  let number = 0;

  const emit = (stream: Stream, last: boolean): LogMessage => {
    const { pieces, seconds, nanoseconds, partial } = open[stream];
    const part = last ? partial : (partial ?? { id: newId(), ordinal: 1 });
    open[stream] = empty(last || part === undefined ? undefined : { id: part.id, ordinal: part.ordinal + 1 });
    const message = { stream, seconds, nanoseconds, line: Buffer.concat(pieces) };
    return part === undefined ? message : { ...message, partial: { ...part, last } };
  };

  const progress = (end: LogPosition): LogProgress => {
    const { stdout, stderr } = open;
    const held = [stdout, stderr].filter(({ begin }) => begin !== undefined).sort((a, b) => a.number - b.number);
    return { from: held[0]?.begin ?? end, stdout: stdout.begin ?? end, stderr: stderr.begin ?? end };
  };

  return {
    *push(lines, { inode, offset }) {
      for (let at = 0; at < lines.length; ) {
        const end = lines.indexOf(NEWLINE, at + HEAD - 1);
        if (end < 0) return;
        const stream = lines[at + STREAM_AT] === LETTER_E ? 'stderr' : 'stdout';
        const begin = { inode, offset: offset + at };
        if (open[stream].size > 0 && open[stream].size + end - at - HEAD > LINE_LIMIT) {
          yield { message: emit(stream, false), progress: progress(begin) };
        }
        const line = open[stream];
        if (line.begin === undefined) Object.assign(line, instantOf(lines, at), { begin, number });
        line.pieces.push(Buffer.from(lines.subarray(at + HEAD, end)));
        line.size += end - at - HEAD;
        number++;
        if (lines[at + TAG_AT] !== LETTER_P) {
          yield { message: emit(stream, true), progress: progress({ inode, offset: offset + end + 1 }) };
        }
        at = end + 1;
      }
    },
    finish: () =>
      (['stdout', 'stderr'] as const).filter((stream) => open[stream].size > 0).map((stream) => emit(stream, false)),
  };
}
