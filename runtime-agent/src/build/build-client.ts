import type { Duplex, Readable } from 'node:stream';

/** What a build asks, while it runs, of the client that started it. Everything rejects when the client has gone. */
export interface BuildClient {
  /** Rejects with EngineError('not-found') when the client has no such secret. */
  secret(id: string): Promise<Buffer>;
  /** The named context as a tar stream. */
  context(name: string): Promise<Readable>;
  /** A file of something of the client's that the build was given a name for: `index.json`. */
  file(name: string, path: string): Promise<Readable>;
  /** One connection to the client's SSH agent. */
  agent(id: string): Promise<Duplex>;
  /** Hands over what the build made. */
  deliver(name: string, content: Readable): Promise<void>;
}
