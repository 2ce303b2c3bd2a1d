/** The tar of a layer that exists nowhere else, kept compressed beside its directory. */
import { createReadStream, createWriteStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

export interface LayerCopy {
  write(chunk: Buffer): Promise<void>;
  /** Ends the file; idempotent. Throws the first error of writing it. */
  close(): Promise<void>;
}

const CHUNK = 1 << 18;

export function openLayerCopy(file: string): LayerCopy {
  const compress = createZstdCompress({ chunkSize: CHUNK, params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const input = new PassThrough({ highWaterMark: CHUNK });
  const done = pipeline(input, compress, createWriteStream(file, { highWaterMark: CHUNK }));
  let failed: unknown;
  done.catch((error: unknown) => (failed = error));
  return {
    async write(chunk) {
      if (failed !== undefined) throw failed;
      if (input.write(chunk)) return;
      await Promise.race([new Promise((resolve) => input.once('drain', resolve)), done]);
    },
    async close() {
      input.end();
      await done;
    },
  };
}

export function readLayerCopy(file: string): Readable {
  const decompress = createZstdDecompress({ chunkSize: CHUNK });
  pipeline(createReadStream(file, { highWaterMark: CHUNK }), decompress).catch((error: Error) =>
    decompress.destroy(error),
  );
  return decompress;
}
