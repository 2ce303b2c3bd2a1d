import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { createGzip, type Gzip } from 'node:zlib';
import type { Digest } from '#model/oci/digest.ts';

/** Little is won by more, and much time lost. */
const LEVEL = 3;

export interface GzipLayer {
  readonly gzip: Gzip;
  /** To come behind it: sees the blob pass. */
  readonly measure: Transform;
  /** When all of it has passed. */
  blob(): { readonly digest: Digest; readonly size: number };
}

/** Compresses a layer's tar, and measures the blob that it becomes. */
export function gzipLayer(): GzipLayer {
  const hash = createHash('sha256');
  let size = 0;
  let digest: Digest | undefined;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      size += chunk.length;
      callback(undefined, chunk);
    },
  });
  const gzip = createGzip({ level: LEVEL, chunkSize: 1 << 18 });
  return { gzip, measure, blob: () => ({ digest: (digest ??= `sha256:${hash.digest('hex')}`), size }) };
}
