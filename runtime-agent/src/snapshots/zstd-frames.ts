/**
 * Where the frames of zstd data end (RFC 8878 section 3.1). There may be many: what zstd:chunked writes can be read in part.
 * Node's decompressor takes everything behind the first one for junk unless a chunk ends with each.
 */
import { EngineError } from '#model/engine-api/errors.ts';

/** 0xFD2FB528, and 0x184D2A50 to 5F for frames to be skipped. */
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/** What the next bytes are. */
type Part = 'magic' | 'descriptor' | 'header' | 'block header' | 'block' | 'checksum' | 'skip length' | 'skipped';

interface State {
  part: Part;
  /** Bytes that the part still needs. */
  wanted: number;
  /** Of the part, when it tells something; it may come in several chunks. */
  told: Buffer;
  descriptor: number;
  /** The block is the frame's last one. */
  last: boolean;
}

const damaged = (): EngineError => new EngineError('invalid', 'the zstd data is damaged or ends too early');

/** The same bytes without the frames that are to be skipped; no chunk goes beyond the end of a frame. Throws EngineError('invalid'). */
export async function* cutAtFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const state: State = { part: 'magic', wanted: 4, told: Buffer.alloc(0), descriptor: 0, last: false };
  for await (const chunk of chunks) yield* cut(state, chunk);
  if (state.part !== 'magic' || state.told.length > 0) throw damaged();
}

function* cut(state: State, chunk: Buffer): Generator<Buffer> {
  /** What comes from here on has not been given out. */
  let from = 0;
  for (let at = 0; at < chunk.length; ) {
    const { part } = state;
    const piece = chunk.subarray(at, at + state.wanted);
    at += piece.length;
    state.wanted -= piece.length;
    if (part !== 'block' && part !== 'skipped') state.told = Buffer.concat([state.told, piece]);
    if (state.wanted > 0) break;
    const { told } = state;
    // A block may be empty, and so may be what is skipped.
    do complete(state);
    while (state.wanted === 0);
    if (part === 'magic' && state.part === 'descriptor') {
      if (at < 4) yield told;
      from = at < 4 ? at : at - 4;
    } else if (state.part === 'magic') {
      if (!isSkipped(part)) yield chunk.subarray(from, at);
      from = at;
    }
  }
  if (state.part !== 'magic' && !isSkipped(state.part) && from < chunk.length) yield chunk.subarray(from);
}

const isSkipped = (part: Part): boolean => part === 'skip length' || part === 'skipped';

function next(state: State, part: Part, wanted: number): void {
  state.part = part;
  state.wanted = wanted;
  state.told = Buffer.alloc(0);
}

/** All bytes of the part are here. */
function complete(state: State): void {
  const { told } = state;
  switch (state.part) {
    case 'magic': {
      const magic = told.readUInt32LE();
      if (magic === MAGIC) return next(state, 'descriptor', 1);
      if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE) throw damaged();
      return next(state, 'skip length', 4);
    }
    case 'descriptor':
      state.descriptor = told.readUInt8();
      return next(state, 'header', headerSize(state.descriptor));
    case 'header':
      return next(state, 'block header', 3);
    case 'block header': {
      const header = told.readUIntLE(0, 3);
      state.last = (header & 1) === 1;
      const isRun = ((header >> 1) & 3) === 1; // one byte, repeated
      return next(state, 'block', isRun ? 1 : header >> 3);
    }
    case 'block': {
      if (!state.last) return next(state, 'block header', 3);
      const hasChecksum = (state.descriptor & 4) !== 0;
      return hasChecksum ? next(state, 'checksum', 4) : next(state, 'magic', 4);
    }
    case 'skip length':
      return next(state, 'skipped', told.readUInt32LE());
    case 'checksum':
    case 'skipped':
      return next(state, 'magic', 4);
  }
}

/** Bytes between the descriptor and the first block: window, dictionary id, size of the content. */
function headerSize(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] as number;
  const content = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  return (single ? 0 : 1) + dictionary + content;
}
