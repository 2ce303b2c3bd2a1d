import { Readable } from 'node:stream';
import { callbackify, promisify } from 'node:util';

/**
 * The chunks as a stream that frees what they are read from when it is over, however it ends. A generator's own `finally`
 * would not do: it is not run when the reader has gone before the first chunk was asked for.
 */
export function holdingStream(chunks: AsyncIterable<Buffer>, held: AsyncDisposable): Readable {
  const stream = Readable.from(chunks, { objectMode: false });
  const destroy = promisify(stream._destroy.bind(stream));
  const close = callbackify((reason: Error | null) => freeAfter(destroy(reason), held));
  stream._destroy = (reason, done) => close(reason, done);
  return stream;
}

/** An earlier failure is told, not one of freeing. */
async function freeAfter(end: Promise<void>, held: AsyncDisposable): Promise<void> {
  const [ended] = await Promise.allSettled([end]);
  const [freed] = await Promise.allSettled([held[Symbol.asyncDispose]()]);
  const failed = [ended, freed].find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
