import { Readable } from 'node:stream';
import { callbackify, promisify } from 'node:util';

/**
 * The chunks as a stream that frees what they are read from before it ends, or when it is over, however that comes. A
 * generator's own `finally` would not do: it is not run when the reader has gone before the first chunk was asked for.
 */
export function holdingStream(chunks: AsyncIterable<Buffer>, held: AsyncDisposable): Readable {
  const once = new AsyncDisposableStack();
  once.use(held);
  const stream = Readable.from(freeing(chunks, once), { objectMode: false });
  const destroy = promisify(stream._destroy.bind(stream));
  const close = callbackify((reason: Error | null) => freeAfter(destroy(reason), once));
  stream._destroy = (reason, done) => close(reason, done);
  return stream;
}

async function* freeing(chunks: AsyncIterable<Buffer>, held: AsyncDisposable): AsyncGenerator<Buffer> {
  yield* chunks;
  await held[Symbol.asyncDispose]();
}

/** An earlier failure is told, not one of freeing. */
async function freeAfter(end: Promise<void>, held: AsyncDisposable): Promise<void> {
  const [ended] = await Promise.allSettled([end]);
  const [freed] = await Promise.allSettled([held[Symbol.asyncDispose]()]);
  const failed = [ended, freed].find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
