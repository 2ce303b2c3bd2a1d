/**
 * How to make a layer's tar again, byte for byte, out of its unpacked directory: everything of the tar but the contents of
 * its files, which are named instead (the idea of vbatts/tar-split). A compressed sequence of records: `R` length bytes,
 * or `F` length name size.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { EngineError } from '#model/engine-api/errors.ts';

export interface RecipeWriter {
  raw(bytes: Buffer): void;
  /** The content of a file of the layer, by its real path as a binary string. */
  file(name: string, size: number): void;
  /** Resolves when what was told so far needs little memory. Throws when it cannot be written. */
  flush(): Promise<void>;
  /** Ends the file; idempotent. Throws the first error of writing it. */
  close(): Promise<void>;
}

const RAW = 0x52;
const FILE = 0x46;
const CHUNK = 1 << 18;

export function openRecipe(file: string): RecipeWriter {
  const compress = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const input = new PassThrough({ highWaterMark: CHUNK });
  const done = pipeline(input, compress, createWriteStream(file));
  let failed: unknown;
  done.catch((error: unknown) => (failed = error));
  const page = pageWriter((bytes) => void input.write(bytes));
  return {
    raw: page.raw,
    file: page.file,
    async flush() {
      if (failed !== undefined) throw failed;
      if (!input.writableNeedDrain) return;
      await Promise.race([new Promise((resolve) => input.once('drain', resolve)), done]);
    },
    async close() {
      page.end();
      input.end();
      await done;
    },
  };
}

interface PageWriter extends Pick<RecipeWriter, 'raw' | 'file'> {
  end(): void;
}

/** Gives the records out in large pieces: each that is compressed by itself costs a round through a thread. */
function pageWriter(give: (bytes: Buffer) => void): PageWriter {
  let page = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  /** Where the raw record that is being written has its length. */
  let open: number | undefined;
  const endRaw = (): void => {
    if (open !== undefined) page.writeUInt32LE(filled - open - 4, open);
    open = undefined;
  };
  const end = (): void => {
    endRaw();
    if (filled > 0) give(page.subarray(0, filled));
    page = Buffer.allocUnsafe(CHUNK);
    filled = 0;
  };
  return {
    raw(bytes) {
      for (let from = 0; from < bytes.length; ) {
        if (open === undefined) {
          if (filled + 5 >= CHUNK) end();
          page[filled] = RAW;
          open = filled + 1;
          filled += 5;
        }
        const copied = bytes.copy(page, filled, from);
        from += copied;
        filled += copied;
        if (filled === CHUNK) end();
      }
    },
    file(name, size) {
      endRaw();
      const record = Buffer.alloc(5 + name.length + 8, FILE);
      record.writeUInt32LE(name.length, 1);
      record.write(name, 5, 'latin1');
      record.writeBigUInt64LE(BigInt(size), 5 + name.length);
      if (filled + record.length > CHUNK) end();
      if (record.length > CHUNK) return give(record);
      filled += record.copy(page, filled);
    },
    end,
  };
}

export interface RecipeSource {
  readonly recipe: string;
  /** The unpacked layer. */
  readonly directory: string;
  /** Where contents are that a later entry of the same name replaced. */
  readonly lostDirectory: string;
  /** Their files, by the number of the `F` record. */
  readonly lost: Readonly<Record<number, string>>;
}

/** The tar. Throws EngineError('internal') when a file is not as large as it was. */
export async function* followRecipe(source: RecipeSource): AsyncGenerator<Buffer> {
  const decompress = createZstdDecompress({ chunkSize: CHUNK });
  pipeline(createReadStream(source.recipe), decompress).catch((error: Error) => decompress.destroy(error));
  const input = byteReader(decompress);
  let number = 0;
  for (let kind = await input.take(1); kind.length > 0; kind = await input.take(1)) {
    const length = (await input.take(4)).readUInt32LE();
    if (kind[0] === RAW) {
      yield await input.take(length);
      continue;
    }
    const name = await input.take(length);
    const size = Number((await input.take(8)).readBigUInt64LE());
    yield* contents(source, number++, name, size);
  }
}

async function* contents(
  { directory, lostDirectory, lost }: RecipeSource,
  number: number,
  name: Buffer,
  size: number,
): AsyncGenerator<Buffer> {
  const replaced = lost[number];
  // Names need not be UTF-8: as bytes they are what is on disk.
  const file =
    replaced === undefined ? Buffer.concat([Buffer.from(`${directory}/`), name]) : path.join(lostDirectory, replaced);
  let sent = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    sent += chunk.length;
    yield chunk;
  }
  if (sent !== size)
    throw new EngineError('internal', `${name.toString()} of a layer has ${sent} bytes instead of ${size}`);
}

interface ByteReader {
  /** That many bytes, or none at the end. Throws EngineError('internal') when the recipe is cut off. */
  take(length: number): Promise<Buffer>;
}

function byteReader(stream: Readable): ByteReader {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let held: Buffer[] = [];
  let size = 0;
  return {
    async take(length) {
      while (size < length) {
        const { value, done } = await chunks.next();
        if (done === true) break;
        held.push(value);
        size += value.length;
      }
      if (size === 0) return Buffer.alloc(0);
      if (size < length) throw new EngineError('internal', 'the recipe of a layer is cut off');
      const all = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
      held = [all.subarray(length)];
      size -= length;
      return all.subarray(0, length);
    },
  };
}
