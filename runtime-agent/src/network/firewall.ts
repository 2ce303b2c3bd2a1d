/** Applies changes to the engine's nftables table. */
import type { Host } from '../host/host.ts';

export interface Firewall {
  /** Runs one script as a transaction. Scripts that come while one runs go together in the next. */
  apply(script: string): Promise<void>;
}

interface Waiting {
  readonly script: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export function createFirewall(host: Host): Firewall {
  const waiting: Waiting[] = [];
  let running = false;
  const nft = async (script: string): Promise<void> =>
    void (await host.run('nft', ['-f', '-'], { input: `${script}\n` }));

  async function runOne({ script, resolve, reject }: Waiting): Promise<void> {
    await nft(script).then(resolve, reject);
  }

  /** A failed transaction changed nothing: each part is tried alone, so that the error reaches its author only. */
  async function runTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      await nft(batch.map(({ script }) => script).join('\n'));
      for (const { resolve } of batch) resolve();
    } catch {
      for (const item of batch) await runOne(item);
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
    apply: (script) =>
      new Promise((resolve, reject) => {
        waiting.push({ script, resolve, reject });
        if (!running) void drain();
      }),
  };
}
