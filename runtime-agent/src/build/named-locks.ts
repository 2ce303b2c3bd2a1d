/** Locks by name, within this engine. */
export interface NamedLocks {
  /** Waits until nobody holds the name; resolves with the function that gives it back. Rejects when the signal aborts. */
  take(name: string, signal: AbortSignal): Promise<() => void>;
}

export function createNamedLocks(): NamedLocks {
  const held = new Map<string, Promise<void>>();
  return {
    async take(name, signal) {
      for (let other = held.get(name); other !== undefined; other = held.get(name)) await orAborted(other, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(name, promise);
      return () => {
        held.delete(name);
        resolve();
      };
    },
  };
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
