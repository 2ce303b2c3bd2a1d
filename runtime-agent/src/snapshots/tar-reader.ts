/** Reads a tar stream piece by piece: feed it chunks of any size, it calls back with entries and their data. */
import { EngineError } from '#model/engine-api/errors.ts';
import {
  BLOCK,
  field,
  numeric,
  padding,
  parsePax,
  type TarEntry,
  type TarType,
  verifyChecksum,
  XATTR_PREFIX,
} from './tar-entry.ts';

export interface TarEvents {
  entry(entry: TarEntry): void;
  /** The current entry's data, in order; the buffer may be a part of the fed chunk. */
  data(chunk: Buffer): void;
  /** Everything else, in order: headers before their entry is told, padding, and what follows the end. */
  other?(chunk: Buffer): void;
}

export interface TarReader {
  /** Throws EngineError('invalid') when it is no tar archive. */
  feed(chunk: Buffer): void;
  /** Throws EngineError('invalid', 'unexpected EOF') when the archive is cut off. */
  end(): void;
}

/** 'last': one block of zeros has been read, and another one ends the archive. */
type Phase = 'header' | 'last' | 'extension' | 'metadata' | 'data' | 'padding' | 'done';

/** Long names and pax headers of one entry that are larger than this, all together, are an attack. */
const METADATA_LIMIT = 1024 * 1024;
/** Blocks with places of holes in one file. */
const EXTENSION_LIMIT = 16_384;

interface State {
  phase: Phase;
  /** Pieces of the block, or metadata, that is being put together. */
  gathered: Buffer[];
  /** Bytes that the phase still needs. */
  wanted: number;
  /** Bytes of padding behind the data. */
  after: number;
  header: Buffer;
  extensions: Buffer[];
  pending: Pending;
}

export function createTarReader(events: TarEvents): TarReader {
  const state: State = {
    phase: 'header',
    gathered: [],
    wanted: BLOCK,
    after: 0,
    header: Buffer.alloc(0),
    extensions: [],
    pending: { bytes: 0, pax: [] },
  };
  return {
    feed(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (state.phase === 'done') return events.other?.(chunk.subarray(at)); // zeros, or whatever else follows the end
        const piece = chunk.subarray(at, at + Math.min(state.wanted, chunk.length - at));
        at += piece.length;
        state.wanted -= piece.length;
        if (state.phase === 'data') events.data(piece);
        else events.other?.(piece);
        if (state.phase !== 'data' && state.phase !== 'padding') state.gathered.push(piece);
        if (state.wanted === 0) complete(state, events);
      }
    },
    end() {
      const between = (state.phase === 'header' || state.phase === 'last') && state.gathered.length === 0;
      if (state.phase !== 'done' && !between) throw new EngineError('invalid', 'unexpected EOF');
    },
  };
}

function next(state: State, phase: Phase, bytes: number): void {
  state.phase = phase;
  state.wanted = bytes;
  state.gathered = [];
}

function skipPadding(state: State): void {
  if (state.after === 0) next(state, 'header', BLOCK);
  else next(state, 'padding', state.after);
}

/** All bytes that the phase needs are here. */
function complete(state: State, events: TarEvents): void {
  const { gathered } = state;
  const bytes = gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered);
  switch (state.phase) {
    case 'header':
      return onHeader(state, events, bytes);
    case 'last':
      if (!isZeros(bytes)) throw new EngineError('invalid', 'archive/tar: invalid tar header');
      return next(state, 'done', Number.POSITIVE_INFINITY);
    case 'extension':
      state.extensions.push(bytes);
      if (state.extensions.length > EXTENSION_LIMIT) throw new EngineError('invalid', 'archive/tar: too many holes');
      return bytes[504] === 1 ? next(state, 'extension', BLOCK) : startEntry(state, events);
    case 'metadata':
      addMetadata(state.pending, String.fromCharCode(state.header[156] ?? 0), bytes);
      return skipPadding(state);
    case 'data':
      return skipPadding(state);
    case 'padding':
      return next(state, 'header', BLOCK);
    case 'done':
  }
}

const isZeros = (block: Buffer): boolean => block.every((byte) => byte === 0);

function onHeader(state: State, events: TarEvents, block: Buffer): void {
  if (isZeros(block)) return next(state, 'last', BLOCK);
  verifyChecksum(block);
  state.header = block;
  const type = String.fromCharCode(block[156] ?? 0);
  if ('xgLK'.includes(type)) {
    const size = numeric(block, 124, 12);
    state.pending.bytes += size;
    if (size < 0 || state.pending.bytes > METADATA_LIMIT)
      throw new EngineError('invalid', 'archive/tar: header field too long');
    state.after = padding(size);
    return size === 0 ? skipPadding(state) : next(state, 'metadata', size);
  }
  if (type === 'S' && block[482] === 1) return next(state, 'extension', BLOCK);
  startEntry(state, events);
}

function startEntry(state: State, events: TarEvents): void {
  const entry = makeEntry(state.header, state.pending, state.extensions);
  state.pending = { bytes: 0, pax: [] };
  state.extensions = [];
  state.after = padding(entry.size);
  events.entry(entry);
  if (entry.size > 0) next(state, 'data', entry.size);
  else skipPadding(state);
}

/** What the headers before an entry say about it. */
interface Pending {
  /** Of all of them together: they may be many. */
  bytes: number;
  pax: [string, string][];
  longName?: string;
  longLink?: string;
}

function addMetadata(pending: Pending, type: string, bytes: Buffer): void {
  if (type === 'x') pending.pax.push(...parsePax(bytes));
  else if (type === 'L') pending.longName = field(bytes, 0, bytes.length);
  else if (type === 'K') pending.longLink = field(bytes, 0, bytes.length);
  // 'g': global records are ignored, as Docker does.
}

const TYPES: Readonly<Record<string, TarType>> = {
  '\0': '0',
  '0': '0',
  '7': '0',
  S: '0',
  '1': '1',
  '2': '2',
  '3': '3',
  '4': '4',
  '5': '5',
  '6': '6',
};

function makeEntry(header: Buffer, pending: Pending, extensions: readonly Buffer[]): TarEntry {
  const flag = String.fromCharCode(header[156] ?? 0);
  const pax = new Map(pending.pax);
  const name = pax.get('GNU.sparse.name') ?? pax.get('path') ?? pending.longName ?? ustarName(header);
  const known = TYPES[flag];
  if (known === undefined)
    throw new EngineError('invalid', `unhandled tar header type ${header[156]} of ${show(name)}`);
  const type = known === '0' && name.endsWith('/') ? '5' : known;
  const number = (key: string, from: number, length: number): number => {
    const text = pax.get(key);
    if (text === undefined) return numeric(header, from, length);
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new EngineError('invalid', `archive/tar: invalid tar header: ${key}`);
    }
    return value;
  };
  const size = number('size', 124, 12);
  if (size < 0) throw new EngineError('invalid', 'archive/tar: invalid tar header: negative size');
  const mtime = pax.get('mtime');
  if (mtime !== undefined && !/^-?\d+(\.\d*)?$/.test(mtime)) {
    throw new EngineError('invalid', 'archive/tar: invalid tar header: mtime');
  }
  return {
    type,
    name,
    linkName: type === '1' || type === '2' ? (pax.get('linkpath') ?? pending.longLink ?? field(header, 157, 100)) : '',
    mode: numeric(header, 100, 8) & 0o7777,
    uid: number('uid', 108, 8),
    gid: number('gid', 116, 8),
    size: type === '0' ? size : 0,
    mtime: mtime ?? String(numeric(header, 136, 12)),
    deviceMajor: type === '3' || type === '4' ? numeric(header, 329, 8) : 0,
    deviceMinor: type === '3' || type === '4' ? numeric(header, 337, 8) : 0,
    xattrs: pending.pax
      .filter(([key]) => key.startsWith(XATTR_PREFIX))
      .map(([key, value]) => [key.slice(XATTR_PREFIX.length), value] as const),
    sparse: pending.pax.filter(([key]) => key.startsWith('GNU.sparse.')),
    ...(flag === 'S' ? { oldSparse: Buffer.concat([header, ...extensions]) } : {}),
  };
}

function ustarName(header: Buffer): string {
  const name = field(header, 0, 100);
  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? field(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** A binary name for people. */
function show(name: string): string {
  return JSON.stringify(Buffer.from(name, 'latin1').toString());
}
