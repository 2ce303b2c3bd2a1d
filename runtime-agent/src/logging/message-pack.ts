/** As much of MessagePack as Fluentd's forward protocol needs. https://github.com/msgpack/msgpack/blob/master/spec.md */

/** A moment with nanoseconds: Fluentd's extension type 0. */
export interface EventTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type Packable =
  | string
  | Buffer
  | number
  | EventTime
  | readonly Packable[]
  | ReadonlyMap<string, string | Buffer>;

function head(small: number, limit: number, wide: readonly [number | undefined, number, number], size: number): Buffer {
  const [eight, sixteen, thirtyTwo] = wide;
  if (size < limit) return Buffer.from([small | size]);
  if (eight !== undefined && size <= 0xff) return Buffer.from([eight, size]);
  const bytes = Buffer.alloc(size <= 0xffff ? 3 : 5);
  bytes[0] = size <= 0xffff ? sixteen : thirtyTwo;
  if (size <= 0xffff) bytes.writeUInt16BE(size, 1);
  else bytes.writeUInt32BE(size, 1);
  return bytes;
}

function packTime({ seconds, nanoseconds }: EventTime): Buffer {
  const bytes = Buffer.from([0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32BE(seconds >>> 0, 2);
  bytes.writeUInt32BE(nanoseconds, 6);
  return bytes;
}

function packNumber(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0xce;
  bytes.writeUInt32BE(value >>> 0, 1);
  return bytes;
}

/** Numbers are taken as unsigned 32 bits; strings may come as their bytes. */
export function messagePack(value: Packable): Buffer {
  if (typeof value === 'number') return packNumber(value);
  if (typeof value === 'string' || Buffer.isBuffer(value)) {
    const bytes = Buffer.from(value);
    return Buffer.concat([head(0xa0, 32, [0xd9, 0xda, 0xdb], bytes.length), bytes]);
  }
  if (value instanceof Map) {
    const entries = [...value].flatMap(([key, item]) => [messagePack(key), messagePack(item)]);
    return Buffer.concat([head(0x80, 16, [undefined, 0xde, 0xdf], value.size), ...entries]);
  }
  if (Array.isArray(value)) {
    const items = value as readonly Packable[];
    return Buffer.concat([head(0x90, 16, [undefined, 0xdc, 0xdd], items.length), ...items.map(messagePack)]);
  }
  return packTime(value as EventTime);
}
