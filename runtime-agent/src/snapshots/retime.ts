/** A layer's tar with other times. */
import { BLOCK, encodeHeader, padding } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';

/** @param timeOf seconds since 1970, with a fraction or not, as tar has them -> the new ones */
export async function* retimed(tar: AsyncIterable<Buffer>, timeOf: (mtime: string) => string): AsyncGenerator<Buffer> {
  let out: Buffer[] = [];
  let left = 0;
  let pad = 0;
  const reader = createTarReader({
    entry(entry) {
      out.push(encodeHeader({ ...entry, mtime: timeOf(entry.mtime) }));
      left = entry.size;
      pad = padding(left);
    },
    data(chunk) {
      out.push(Buffer.from(chunk));
      left -= chunk.length;
      if (left === 0 && pad > 0) out.push(Buffer.alloc(pad));
    },
  });
  for await (const chunk of tar) {
    reader.feed(chunk);
    yield* out;
    out = [];
  }
  reader.end();
  yield Buffer.alloc(2 * BLOCK);
}
