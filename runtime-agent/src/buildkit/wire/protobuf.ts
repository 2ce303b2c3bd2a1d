/**
 * Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding) over tables of fields:
 * `message({ path: string(1), mode: uint32(2) })` reads and writes, and gives the type. Fields that no table names are
 * skipped.
 */
import { EngineError } from '#model/engine-api/errors.ts';

const VARINT = 0;
const LENGTH = 2;

interface Input {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
}

/** How one value stands on the wire. */
interface Kind<T> {
  readonly wire: typeof VARINT | typeof LENGTH;
  readonly zero: T;
  read(input: Input): T;
  /** Without its tag. */
  write(value: T): Uint8Array;
}

export interface Field<T> {
  readonly number: number;
  /** The value of a field that is not on the wire. */
  readonly initial: () => T;
  /** Reads one occurrence; `before` is what those before it came to. */
  readonly read: (input: Input, wire: number, before: T) => T;
  readonly write: (value: T, chunks: Uint8Array[]) => void;
}

export interface Message<T> {
  /** Throws EngineError('invalid') for bytes that are no such message. */
  decode(bytes: Buffer): T;
  /** What is left out has its initial value. */
  encode(value: Partial<T>): Buffer;
}

export type ValueOf<M> = M extends Message<infer T> ? T : never;

export function message<T extends object>(fields: { readonly [K in keyof T]: Field<T[K]> }): Message<T> {
  const named = Object.entries<Field<unknown>>(fields as Record<string, Field<unknown>>);
  const byNumber = new Map(named.map(([name, field]) => [field.number, { name, field }]));
  const decodeFrom = (input: Input): T => {
    const value: Record<string, unknown> = {};
    for (const [name, field] of named) value[name] = field.initial();
    while (input.at < input.end) {
      const tag = readVarint(input);
      const known = byNumber.get(tag >>> 3);
      if (known === undefined) skip(input, tag & 7);
      else value[known.name] = known.field.read(input, tag & 7, value[known.name]);
    }
    if (input.at > input.end) throw malformed();
    return value as T;
  };
  return {
    decode: (bytes) => decodeFrom({ bytes, at: 0, end: bytes.length }),
    encode(value) {
      const chunks: Uint8Array[] = [];
      for (const [name, field] of named) {
        const one = (value as Record<string, unknown>)[name];
        if (one !== undefined) field.write(one, chunks);
      }
      return Buffer.concat(chunks);
    },
  };
}

export const string = (number: number): Field<string> => single(number, STRING);
export const bytes = (number: number): Field<Buffer> => single(number, BYTES);
export const bool = (number: number): Field<boolean> => single(number, BOOL);
/** Also int32 and enums, whose negative values nothing here uses. */
export const uint32 = (number: number): Field<number> => single(number, NUMBER);
/** An int64 as far as a number is exact. */
export const int64 = (number: number): Field<number> => single(number, NUMBER);
/** An int64 to its last bit. */
export const bigint = (number: number): Field<bigint> => single(number, BIGINT);
export const strings = (number: number): Field<string[]> => many(number, STRING);
export const byteStrings = (number: number): Field<Buffer[]> => many(number, BYTES);
export const numbers = (number: number): Field<number[]> => many(number, NUMBER);
export const messages = <T>(number: number, of: Message<T>): Field<Partial<T>[]> =>
  many(number, nested(of) as Kind<Partial<T>>);
export const stringMap = (number: number): Field<Record<string, string>> => map(number, STRING);
export const bytesMap = (number: number): Field<Record<string, Buffer>> => map(number, BYTES);
export const messageMap = <T>(number: number, of: Message<T>): Field<Record<string, Partial<T>>> =>
  map(number, nested(of) as Kind<Partial<T>>);

/** A message in a message; undefined when it is not there. */
export function maybe<T>(number: number, of: Message<T>): Field<Partial<T> | undefined> {
  const kind = nested(of);
  return {
    number,
    initial: () => undefined,
    read: (input, wire) => readOne(kind, input, wire),
    write: (value, chunks) => void (value === undefined || put(number, kind, value as T, chunks)),
  };
}

const STRING: Kind<string> = {
  wire: LENGTH,
  zero: '',
  read: (input) => slice(input).toString('utf8'),
  write: (value) => sized(Buffer.from(value)),
};
const BYTES: Kind<Buffer> = { wire: LENGTH, zero: Buffer.alloc(0), read: slice, write: sized };
const BOOL: Kind<boolean> = {
  wire: VARINT,
  zero: false,
  read: (input) => readVarint(input) !== 0,
  write: (value) => varint(value ? 1 : 0),
};
const NUMBER: Kind<number> = { wire: VARINT, zero: 0, read: readVarint, write: varint };
const BIGINT: Kind<bigint> = { wire: VARINT, zero: 0n, read: readBigVarint, write: bigVarint };

function nested<T>(of: Message<T>): Kind<T> {
  return {
    wire: LENGTH,
    zero: undefined as T,
    read: (input) => of.decode(slice(input)),
    write: (value) => sized(of.encode(value)),
  };
}

function single<T>(number: number, kind: Kind<T>): Field<T> {
  return {
    number,
    initial: () => kind.zero,
    read: (input, wire) => readOne(kind, input, wire),
    write: (value, chunks) => {
      if (value === kind.zero || (value as { length?: number }).length === 0) return;
      put(number, kind, value, chunks);
    },
  };
}

function many<T>(number: number, kind: Kind<T>): Field<T[]> {
  return {
    number,
    initial: () => [],
    read(input, wire, before) {
      if (kind.wire === VARINT && wire === LENGTH) {
        const packed = slice(input);
        const inner: Input = { bytes: packed, at: 0, end: packed.length };
        while (inner.at < inner.end) before.push(kind.read(inner));
      } else before.push(readOne(kind, input, wire));
      return before;
    },
    write: (value, chunks) => value.forEach((one) => put(number, kind, one, chunks)),
  };
}

function map<T>(number: number, kind: Kind<T>): Field<Record<string, T>> {
  const value = { ...single(2, kind), write: (one: T, chunks: Uint8Array[]) => put(2, kind, one, chunks) };
  const entry = message<{ key: string; value: T }>({ key: string(1), value });
  const entries = nested(entry);
  return {
    number,
    initial: () => ({}),
    read(input, wire, before) {
      const { key, value } = readOne(entries, input, wire);
      // A key of __proto__ is one like any other.
      Object.defineProperty(before, key, { value, enumerable: true, configurable: true, writable: true });
      return before;
    },
    write: (value, chunks) =>
      Object.entries(value).forEach(([key, one]) => put(number, entries, { key, value: one }, chunks)),
  };
}

function readOne<T>(kind: Kind<T>, input: Input, wire: number): T {
  if (wire !== kind.wire) throw malformed();
  return kind.read(input);
}

function put<T>(number: number, kind: Kind<T>, value: T, chunks: Uint8Array[]): void {
  chunks.push(varint((number << 3) | kind.wire), kind.write(value));
}

function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint(bytes.length), bytes]);
}

function slice(input: Input): Buffer {
  const length = readVarint(input);
  const start = input.at;
  input.at += length;
  if (input.at > input.end) throw malformed();
  return input.bytes.subarray(start, input.at);
}

function readVarint(input: Input): number {
  const start = input.at;
  let value = 0;
  for (let factor = 1; factor < 2 ** 49; factor *= 128) {
    const byte = input.bytes[input.at++];
    if (byte === undefined || input.at > input.end) throw malformed();
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
  input.at = start; // long ones are large, or negative
  return Number(readBigVarint(input));
}

function readBigVarint(input: Input): bigint {
  let [low, high] = [0, 0];
  for (let i = 0; ; i++) {
    const byte = input.bytes[input.at++];
    if (byte === undefined || input.at > input.end || i > 9) throw malformed();
    if (i < 4) low += (byte & 127) * 128 ** i;
    else high += (byte & 127) * 128 ** (i - 4);
    if (byte < 128) return BigInt.asIntN(64, (BigInt(high) << 28n) | BigInt(low));
  }
}

function varint(value: number): Uint8Array {
  if (value < 0) return bigVarint(BigInt(value));
  const out: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
  return Uint8Array.from(out);
}

function bigVarint(value: bigint): Uint8Array {
  const out: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left > 127n; left >>= 7n) out.push(Number(left & 127n) | 128);
  out.push(Number(left));
  return Uint8Array.from(out);
}

function skip(input: Input, wire: number): void {
  if (wire === VARINT) readVarint(input);
  else if (wire === LENGTH) slice(input);
  else if (wire === 1) input.at += 8;
  else if (wire === 5) input.at += 4;
  else throw malformed();
}

function malformed(): EngineError {
  return new EngineError('invalid', 'the message is no Protocol Buffers message of its kind');
}
