/** A blob from a registry, chunk by chunk: kept bytes first, then the network, going on where a broken connection ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Descriptor } from '#model/oci/manifest.ts';
import type { Ingest } from '../content/ingest.ts';
import type { Repository } from '../registry/repository.ts';

export interface DownloadOptions {
  readonly repository: Pick<Repository, 'blob'>;
  readonly descriptor: Descriptor;
  readonly ingest: Ingest;
  readonly signal: AbortSignal;
  /** Bytes here so far. */
  readonly onProgress: (current: number) => void;
  /** Before each new attempt. */
  readonly onRetry?: (delayMs: number) => void;
  readonly retryDelaysMs?: readonly number[];
}

const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000];

/**
 * Every byte of the blob in order; each goes into the ingest before it is given out. When it ends, the ingest holds the whole
 * blob, not yet committed. Throws EngineError: 'unavailable' when the retries are used up.
 */
export async function* download(options: DownloadOptions): AsyncGenerator<Buffer> {
  const { ingest, descriptor, signal, onProgress } = options;
  if (ingest.offset > descriptor.size) await ingest.restart();
  if (ingest.offset > 0) {
    yield* ingest.kept();
    onProgress(ingest.offset);
  }
  const delays = options.retryDelaysMs ?? RETRY_DELAYS_MS;
  for (let failures = 0; ingest.offset < descriptor.size; ) {
    const before = ingest.offset;
    try {
      yield* once(options);
      if (ingest.offset < descriptor.size) throw new EngineError('unavailable', shortBlob(options));
    } catch (error) {
      if (!worthRetrying(error, signal)) throw error;
      failures = ingest.offset > before ? 1 : failures + 1;
      const delay = delays[failures - 1];
      if (delay === undefined) throw error;
      options.onRetry?.(delay);
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
    if (signal.aborted) throw new EngineError('cancelled', 'context canceled');
  }
}

function shortBlob({ ingest, descriptor }: DownloadOptions): string {
  return `unexpected EOF: blob ${descriptor.digest} ended after ${ingest.offset} of ${descriptor.size} bytes`;
}

async function* once({ repository, descriptor, ingest, signal, onProgress }: DownloadOptions): AsyncGenerator<Buffer> {
  const { stream, offset } = await repository.blob(descriptor.digest, ingest.offset, signal);
  let skip = ingest.offset - offset;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (fresh.length === 0) continue;
      if (ingest.offset + fresh.length > descriptor.size) {
        throw new EngineError(
          'invalid',
          `blob ${descriptor.digest} is longer than the ${descriptor.size} bytes announced`,
        );
      }
      await ingest.append(fresh);
      onProgress(ingest.offset);
      yield fresh;
    }
  } finally {
    stream.destroy();
  }
}

/** Refusals and full disks do not get better; connections do. */
function worthRetrying(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return false;
  if (error instanceof EngineError) return error.code === 'unavailable';
  const { code = '' } = error as NodeJS.ErrnoException;
  return !['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES'].includes(code);
}
