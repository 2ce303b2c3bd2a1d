/** The sessions of clients: connections on which the client serves its files, secrets and agents while it builds. */
import type { Duplex } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type GrpcClient, grpcClient } from '../wire/grpc-client.ts';

export interface ClientSession {
  readonly id: string;
  /** Equal for sessions of one build context, so that what is here already need not come again; '' for none. */
  readonly sharedKey: string;
  readonly client: Pick<GrpcClient, 'call' | 'stream'>;
  /** Does the client serve this method? */
  serves(method: string): boolean;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

export interface SessionHead {
  readonly id: string;
  readonly sharedKey: string;
  readonly methods: readonly string[];
}

export interface Sessions {
  /** Keeps the session until its connection ends. */
  add(connection: Duplex, head: SessionHead): Promise<void>;
  /** Waits for a session that has yet to come. Throws EngineError('invalid') when it does not. */
  find(id: string, signal: AbortSignal): Promise<ClientSession>;
}

/** Milliseconds: a client opens its session at the same time as its build. */
const PATIENCE = 5000;

export function createSessions(): Sessions {
  const open = new Map<string, ClientSession>();
  const waiting = new Map<string, Set<(session: ClientSession) => void>>();
  return {
    async add(connection, { id, sharedKey, methods }) {
      const client = grpcClient(connection);
      const gone = new AbortController();
      const served = new Set(methods);
      const session = { id, sharedKey, client, serves: (method: string) => served.has(method), signal: gone.signal };
      open.set(id, session);
      for (const tell of waiting.get(id) ?? []) tell(session);
      await client.closed;
      if (open.get(id) === session) open.delete(id);
      gone.abort();
    },
    async find(id, signal) {
      const known = open.get(id);
      if (known !== undefined) return known;
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
      const tellers = waiting.get(id) ?? new Set();
      waiting.set(id, tellers);
      const { promise, resolve, reject } = Promise.withResolvers<ClientSession>();
      const giveUp = (): void =>
        reject(signal.aborted ? signal.reason : new EngineError('invalid', `no active session for ${id}`));
      patience.addEventListener('abort', giveUp);
      tellers.add(resolve);
      try {
        return await promise;
      } finally {
        patience.removeEventListener('abort', giveUp);
        tellers.delete(resolve);
        if (tellers.size === 0) waiting.delete(id);
      }
    },
  };
}
