import type { Duplex, Readable } from 'node:stream';
import type { ReceivedContext } from './context/receive-context.ts';

/** What a build asks, while it runs, of the client that started it. Everything rejects when the client has gone. */
export interface BuildClient {
  /** Rejects with EngineError('not-found') when the client has no such secret. */
  secret(id: string): Promise<Buffer>;
  /** The named context, as a tar stream or received already. */
  context(name: string): Promise<Readable | ReceivedContext>;
  /** A file of something of the client's that the build was given a name for: `index.json`. */
  file(name: string, path: string): Promise<Readable>;
  /** Does the client forward this agent? */
  hasAgent?(id: string): Promise<boolean>;
  /** One connection to the client's SSH agent. */
  agent(id: string): Promise<Duplex>;
  /** Hands over what the build made. */
  deliver(name: string, content: Readable): Promise<void>;
}
