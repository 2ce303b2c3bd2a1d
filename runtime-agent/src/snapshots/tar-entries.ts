/** The entries of a tar stream one after the other, each with its data, for archives that the engine reads itself. */
import { createTarReader } from './tar-reader.ts';
import type { TarEntry } from './tar-entry.ts';

export interface TarVisitor {
  /** The data arrives in `data` until the next entry, or `end`. */
  entry(entry: TarEntry): Promise<void>;
  data(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

type Item = { readonly entry: TarEntry } | { readonly chunk: Buffer };

/** Throws EngineError('invalid') when it is no tar archive, or cut off. The stream is read to its end. */
export async function visitTar(stream: AsyncIterable<Buffer>, visitor: TarVisitor): Promise<void> {
  let items: Item[] = [];
  const reader = createTarReader({
    entry: (entry) => void items.push({ entry }),
    data: (chunk) => void items.push({ chunk }),
  });
  for await (const chunk of stream) {
    items = [];
    reader.feed(chunk);
    for (const item of items) {
      if ('entry' in item) await visitor.entry(item.entry);
      else await visitor.data(item.chunk);
    }
  }
  reader.end();
  await visitor.end();
}
