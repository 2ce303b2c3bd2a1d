/** Gathers what is asked for while a program runs into one more run of it. */
export interface Batches<T> {
  /** Resolves when the item has been dealt with; rejects with its own failure only. */
  add(item: T): Promise<void>;
}

interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @param run deals with all the items at once. When it fails with several, each is tried alone: it must be possible to do an
 * item twice
 */
export function createBatches<T>(run: (items: readonly T[]) => Promise<void>): Batches<T> {
  const waiting: Waiting<T>[] = [];
  let running = false;

  const runOne = ({ item, resolve, reject }: Waiting<T>): Promise<void> => run([item]).then(resolve, reject);

  async function runTogether(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await run(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch {
      for (const one of batch) await runOne(one);
    }
  }

  async function drain(): Promise<void> {
    running = true;
    for (let batch = waiting.splice(0); batch.length > 0; batch = waiting.splice(0)) {
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) await runOne(first);
      else await runTogether(batch);
    }
    running = false;
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (!running) void drain();
      }),
  };
}
