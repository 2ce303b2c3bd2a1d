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
}

export interface TarReader {
  /** Throws EngineError('invalid') when it is no tar archive. */
  feed(chunk: Buffer): void;
  /** Throws EngineError('invalid', 'unexpected EOF') when the archive is cut off. */
  end(): void;
}

type Phase = 'header' | 'extension' | 'metadata' | 'data' | 'padding' | 'done';

/** Long names and pax headers larger than this are an attack. */
const METADATA_LIMIT = 1024 * 1024;

export function createTarReader(events: TarEvents): TarReader {
  let phase: Phase = 'header';
  let gathered: Buffer[] = [];
  let wanted = BLOCK;
  let after = 0;
  let header: Buffer = Buffer.alloc(0);
  let extensions: Buffer[] = [];
  let pending: Pending = { pax: [] };

  const next = (to: Phase, bytes: number): void => {
    phase = to;
    wanted = bytes;
    gathered = [];
  };
  const skipPadding = (): void => next(after === 0 ? 'header' : 'padding', after === 0 ? BLOCK : after);

  const startEntry = (): void => {
    const entry = makeEntry(header, pending, extensions);
    pending = { pax: [] };
    extensions = [];
    after = padding(entry?.size ?? 0);
    if (entry !== undefined) events.entry(entry);
    const size = entry?.size ?? 0;
    if (size > 0) next('data', size);
    else skipPadding();
  };

  const onHeader = (block: Buffer): void => {
    if (block.every((byte) => byte === 0)) return next('done', Number.POSITIVE_INFINITY);
    verifyChecksum(block);
    header = block;
    const type = String.fromCharCode(block[156] ?? 0);
    if ('xgLK'.includes(type)) {
      const size = numeric(block, 124, 12);
      if (size < 0 || size > METADATA_LIMIT) throw new EngineError('invalid', 'archive/tar: header field too long');
      after = padding(size);
      return size === 0 ? skipPadding() : next('metadata', size);
    }
    if (type === 'S' && block[482] === 1) return next('extension', BLOCK);
    startEntry();
  };

  const complete = (bytes: Buffer): void => {
    switch (phase) {
      case 'header':
        return onHeader(bytes);
      case 'extension':
        extensions.push(bytes);
        return bytes[504] === 1 ? next('extension', BLOCK) : startEntry();
      case 'metadata':
        addMetadata(pending, String.fromCharCode(header[156] ?? 0), bytes);
        return skipPadding();
      case 'data':
        return skipPadding();
      case 'padding':
        return next('header', BLOCK);
      case 'done':
    }
  };

  return {
    feed(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (phase === 'done') return; // zeros, or whatever else follows the end of the archive
        const piece = chunk.subarray(at, at + Math.min(wanted, chunk.length - at));
        at += piece.length;
        wanted -= piece.length;
        if (phase === 'data') events.data(piece);
        else if (phase !== 'padding') gathered.push(piece);
        if (wanted > 0) continue;
        complete(gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered));
      }
    },
    end() {
      const between = phase === 'header' && gathered.length === 0;
      if (phase !== 'done' && !between) throw new EngineError('invalid', 'archive/tar: unexpected EOF');
    },
  };
}

/** What the headers before an entry say about it. */
interface Pending {
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

function makeEntry(header: Buffer, pending: Pending, extensions: readonly Buffer[]): TarEntry | undefined {
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
