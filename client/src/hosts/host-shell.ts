/** What Slipway can do on a machine before an engine runs there: the same three verbs for this machine and over SSH. */
import type { Duplex } from 'node:stream';
import type { EngineConnection } from './engine-connection.ts';

export type RunResult = Awaited<ReturnType<EngineConnection['run']>>;

export interface HostShell extends Pick<EngineConnection, 'run' | 'upload'> {
  /** Opens a byte stream to a Unix socket of the machine. */
  dial(socketPath: string, signal?: AbortSignal): Promise<Duplex>;
}
