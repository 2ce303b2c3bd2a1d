/** Work that several callers want at once is done once: it goes on while one of them still wants it. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ProgressMessage } from '#model/engine-api/progress.ts';

export interface Waiter {
  readonly signal?: AbortSignal;
  readonly progress?: (message: ProgressMessage) => void;
}

export interface SharedWork<T> {
  /** Starts the work of that key, or joins it. Rejects at once, with 'cancelled', for the waiter whose signal aborts. */
  join(
    key: string,
    waiter: Waiter,
    start: (progress: (message: ProgressMessage) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

interface Job<T> {
  readonly waiters: Set<Waiter>;
  readonly controller: AbortController;
  readonly result: Promise<T>;
}

export function createSharedWork<T>(): SharedWork<T> {
  const jobs = new Map<string, Job<T>>();
  /** Abandoned jobs that still clean up after themselves: the next of the key waits for that. */
  const ending = new Map<string, Promise<unknown>>();
  const begin = (key: string, start: Parameters<SharedWork<T>['join']>[2]): Job<T> => {
    const waiters = new Set<Waiter>();
    const controller = new AbortController();
    const tell = (message: ProgressMessage): void => {
      for (const waiter of waiters) waiter.progress?.(message);
    };
    const before = ending.get(key);
    const run = async (): Promise<T> => {
      await before;
      return await start(tell, controller.signal);
    };
    const result = run().finally(() => {
      if (jobs.get(key) === job) jobs.delete(key);
    });
    result.catch(() => {}); // each waiter sees it; when all have gone nobody has to
    const job: Job<T> = { waiters, controller, result };
    jobs.set(key, job);
    return job;
  };
  return {
    async join(key, waiter, start) {
      if (waiter.signal?.aborted) throw cancelled();
      const job = jobs.get(key) ?? begin(key, start);
      job.waiters.add(waiter);
      const { promise, reject } = Promise.withResolvers<never>();
      const leave = (): void => {
        job.waiters.delete(waiter);
        if (job.waiters.size === 0) {
          if (jobs.get(key) === job) jobs.delete(key);
          const settled = job.result
            .catch(() => {})
            .finally(() => {
              if (ending.get(key) === settled) ending.delete(key);
            });
          ending.set(key, settled);
          job.controller.abort();
          // The last one waits until the work has cleaned up after itself.
          job.result.then(
            () => reject(cancelled()),
            () => reject(cancelled()),
          );
        } else reject(cancelled());
      };
      waiter.signal?.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([job.result, promise]);
      } catch (error) {
        throw waiter.signal?.aborted ? cancelled() : error;
      } finally {
        waiter.signal?.removeEventListener('abort', leave);
        job.waiters.delete(waiter);
      }
    },
  };
}

function cancelled(): EngineError {
  return new EngineError('cancelled', 'context canceled');
}
