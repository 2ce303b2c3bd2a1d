/**
 * Tar headers (POSIX.1-2001 pax, ustar, and GNU's extensions). Names are "binary" strings, one character per byte, so
 * that names and extended attributes that are not UTF-8 survive unchanged.
 */
import { EngineError } from '#model/engine-api/errors.ts';

export const BLOCK = 512;

/** '0' file, '1' hard link, '2' symlink, '3' character device, '4' block device, '5' directory, '6' FIFO. */
export type TarType = '0' | '1' | '2' | '3' | '4' | '5' | '6';

export interface TarEntry {
  readonly type: TarType;
  readonly name: string;
  readonly linkName: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow in the archive. */
  readonly size: number;
  /** Seconds, decimal text with any fraction kept. */
  readonly mtime: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Extended attributes, in the archive's order: name without pax prefix, value as bytes. */
  readonly xattrs: readonly (readonly [name: string, value: string])[];
  /** Records of GNU's sparse formats in pax (0.1 and 1.0), passed on as they are. */
  readonly sparse: readonly (readonly [key: string, value: string])[];
  /** Header and extension blocks of GNU's old sparse format, when the entry is one. */
  readonly oldSparse?: Buffer;
}

export const XATTR_PREFIX = 'SCHILY.xattr.';

const malformed = (what: string): EngineError => new EngineError('invalid', `archive/tar: invalid tar header: ${what}`);

/** The text up to the first NUL. */
export function field(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from);
  return block.toString('latin1', from, end === -1 || end > from + length ? from + length : end);
}

/** Octal text, or base 256 when the high bit is set. */
export function numeric(block: Buffer, from: number, length: number): number {
  const first = block[from] ?? 0;
  if ((first & 0x80) === 0) {
    const text = field(block, from, length).trim();
    if (text !== '' && !/^[0-7]+$/.test(text)) throw malformed('not an octal number');
    return text === '' ? 0 : Number.parseInt(text, 8);
  }
  const negative = (first & 0x40) !== 0;
  let value = negative ? BigInt(first) - 256n : BigInt(first & 0x7f);
  for (let i = from + 1; i < from + length; i++) value = value * 256n + BigInt(block[i] ?? 0);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw malformed('number too large');
  return number;
}

/** Both sums that exist in the wild: of unsigned and of signed bytes. Throws EngineError('invalid'). */
export function verifyChecksum(block: Buffer): void {
  let unsigned = 0;
  let signed = 0;
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 0x20 : (block[i] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const said = numeric(block, 148, 8);
  if (said !== unsigned && said !== signed) throw malformed('wrong checksum');
}

/** Whether a tar may begin so. */
export function isTarHeader(start: Buffer): boolean {
  if (start.length < BLOCK) return false;
  try {
    verifyChecksum(start.subarray(0, BLOCK));
    return true;
  } catch {
    return false;
  }
}

/** `LENGTH KEY=VALUE\n`, LENGTH counting itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + String(rest.length).length;
  if (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Throws EngineError('invalid') for records that are not well-formed. */
export function parsePax(data: Buffer): [key: string, value: string][] {
  const records: [string, string][] = [];
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(data.toString('latin1', at, space));
    const end = at + length;
    const equals = data.indexOf(0x3d, space);
    const whole = Number.isSafeInteger(length) && end > space && end <= data.length && data[end - 1] === 0x0a;
    if (!whole || equals === -1 || equals >= end) throw malformed('bad pax record');
    records.push([data.toString('latin1', space + 1, equals), data.toString('latin1', equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

const MAX_OCTAL_ID = 0o7777777;
const MAX_OCTAL_SIZE = 0o77777777777;

/** The entry's header: one ustar block, before it a pax header when something does not fit there. */
export function encodeHeader(entry: TarEntry): Buffer {
  const records: (readonly [string, string])[] = [];
  const fit = (key: string, value: number, limit: number): number => {
    if (value >= 0 && value <= limit) return value;
    records.push([key, String(value)]);
    return 0;
  };
  const sparseName = entry.sparse.some(([key]) => key === 'GNU.sparse.name');
  if (entry.name.length > 100 && !sparseName) records.push(['path', entry.name]);
  if (entry.linkName.length > 100) records.push(['linkpath', entry.linkName]);
  const uid = fit('uid', entry.uid, MAX_OCTAL_ID);
  const gid = fit('gid', entry.gid, MAX_OCTAL_ID);
  const size = fit('size', entry.size, MAX_OCTAL_SIZE);
  const seconds = Math.floor(Number(entry.mtime));
  const whole = /^\d+$/.test(entry.mtime) && seconds <= MAX_OCTAL_SIZE;
  if (!whole) records.push(['mtime', entry.mtime]);
  for (const [key, value] of entry.sparse) records.push([key, key === 'GNU.sparse.name' ? entry.name : value]);
  for (const [name, value] of entry.xattrs) records.push([XATTR_PREFIX + name, value]);
  const header = entry.oldSparse
    ? renamed(entry.oldSparse, { ...entry, uid, gid })
    : block({ ...entry, uid, gid, size, seconds: whole ? seconds : Math.max(0, seconds) });
  if (records.length === 0) return header;
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''), 'latin1');
  const plain = { mode: 0o644, uid: 0, gid: 0, seconds: 0, linkName: '', deviceMajor: 0, deviceMinor: 0 };
  const pax = block({ ...plain, type: 'x', name: `PaxHeaders.0/${entry.name}`, size: body.length });
  return Buffer.concat([pax, body, Buffer.alloc(padding(body.length)), header]);
}

/** Zero bytes needed after `size` bytes of data. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

interface Fields extends Pick<TarEntry, 'name' | 'linkName' | 'mode' | 'uid' | 'gid' | 'size'> {
  readonly type: TarType | 'x';
  readonly seconds: number;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

function block(fields: Fields): Buffer {
  const b = Buffer.allocUnsafe(BLOCK).fill(0); // of the pool: one for each file of a layer
  const octal = (value: number, at: number, digits: number): void => {
    b.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  b.write(fields.name.slice(0, 100), 0, 'latin1');
  octal(fields.mode & 0o7777, 100, 7);
  octal(fields.uid, 108, 7);
  octal(fields.gid, 116, 7);
  octal(fields.size, 124, 11);
  octal(Math.min(fields.seconds, MAX_OCTAL_SIZE), 136, 11);
  b.write(fields.type, 156, 'latin1');
  b.write(fields.linkName.slice(0, 100), 157, 'latin1');
  b.write('ustar\x0000', 257, 'latin1');
  if (fields.type === '3' || fields.type === '4') {
    octal(fields.deviceMajor, 329, 7);
    octal(fields.deviceMinor, 337, 7);
  }
  return checksummed(b);
}

function checksummed(b: Buffer): Buffer {
  b.fill(0x20, 148, 156);
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += b[i] ?? 0;
  b.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return b;
}

/** GNU's old sparse entries keep their blocks; a name that is too long for them is in the pax header before. */
function renamed(blocks: Buffer, { name, uid, gid }: Pick<TarEntry, 'name' | 'uid' | 'gid'>): Buffer {
  const copy = Buffer.from(blocks);
  copy.fill(0, 0, 100);
  copy.write(name.slice(0, 100), 0, 'latin1');
  for (const [id, at] of [[uid, 108] as const, [gid, 116] as const]) {
    copy.write(`${id.toString(8).padStart(7, '0')}\0`, at, 'latin1');
  }
  checksummed(copy.subarray(0, BLOCK));
  return copy;
}
