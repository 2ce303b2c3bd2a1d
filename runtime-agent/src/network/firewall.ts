/** Applies changes to the engine's nftables table. */
import { createBatches } from '../host/batches.ts';
import type { Host } from '../host/host.ts';

export interface Firewall {
  /** Runs one script as a transaction. Scripts that come while one runs go together in the next. */
  apply(script: string): Promise<void>;
}

export function createFirewall(host: Host): Firewall {
  // A failed transaction changed nothing, so that each part can be tried alone.
  const batches = createBatches<string>(async (scripts) => {
    await host.runShort('nft', ['-f', '-'], `${scripts.join('\n')}\n`);
  });
  return { apply: (script) => batches.add(script) };
}
