/** Build contexts that come in a request of their own, each taken by the build that names it. */
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface Uploads {
  /** Offers the stream until somebody has read it, or the signal ends it. */
  offer(id: string, stream: Readable, signal: AbortSignal): Promise<void>;
  /** Waits for one that has yet to come. */
  take(id: string, signal: AbortSignal): Promise<Readable>;
}

export function createUploads(): Uploads {
  const uploads = new Map<string, PromiseWithResolvers<Readable>>();
  const uploadOf = (id: string): PromiseWithResolvers<Readable> => {
    const upload = uploads.get(id) ?? Promise.withResolvers<Readable>();
    uploads.set(id, upload);
    return upload;
  };
  return {
    async offer(id, stream, signal) {
      uploadOf(id).resolve(stream);
      try {
        if (!stream.readableEnded && !stream.destroyed) await once(stream, 'close', { signal });
      } finally {
        uploads.delete(id);
      }
    },
    async take(id, signal) {
      const gone = Promise.withResolvers<never>();
      const giveUp = (): void => gone.reject(signal.reason);
      signal.addEventListener('abort', giveUp);
      try {
        signal.throwIfAborted();
        return await Promise.race([uploadOf(id).promise, gone.promise]);
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
    },
  };
}
