/** Lets a limited number through at a time, in the order in which they came. */
export interface Gate {
  /** Resolves when there is room; dispose of what it gives to make room again. Rejects when the signal aborts. */
  enter(signal?: AbortSignal): Promise<Disposable>;
  /** There is no room now. */
  readonly full: boolean;
}

export function createGate(limit: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();
  const pass = (): Disposable => {
    inside++;
    return {
      [Symbol.dispose]() {
        inside--;
        const [next] = waiting;
        next?.();
      },
    };
  };
  return {
    get full() {
      return inside >= limit;
    },
    enter(signal) {
      signal?.throwIfAborted();
      if (inside < limit) return Promise.resolve(pass());
      return new Promise((resolve, reject) => {
        const go = (): void => {
          waiting.delete(go);
          signal?.removeEventListener('abort', leave);
          resolve(pass());
        };
        const leave = (): void => {
          waiting.delete(go);
          reject(signal?.reason as Error);
        };
        waiting.add(go);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
