/** What lives as long as the dev containers of this window: syncs, tunnels, measuring. */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { SyncSession } from '../sync/sync-session.ts';

/** One folder on one host. */
export interface DevSession {
  readonly hostId: string;
  readonly folder: string;
  /** Throws EngineError('conflict') while earlier work on it goes on: two of them would remove each other's containers. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** The sync of the folder; started when it does not run. */
  sync(start: () => Promise<SyncSession>): Promise<SyncSession>;
  currentSync(): SyncSession | undefined;
  endSync(): Promise<void>;
  /** @param ends what belongs to this opening of the container; that of an earlier one is ended */
  attach(container: string, ends: AsyncDisposable): Promise<void>;
  container(): string | undefined;
  /** The container goes on, but nothing here belongs to it any more. */
  detach(): Promise<void>;
}

export interface DevSessions extends AsyncDisposable {
  of(hostId: string, folder: string): DevSession;
  all(): readonly DevSession[];
}

export function devSessions(): DevSessions {
  const sessions = new Map<string, DevSession>();
  return {
    of(hostId, folder) {
      const key = `${hostId}\0${folder}`;
      const session = sessions.get(key) ?? devSession(hostId, folder);
      sessions.set(key, session);
      return session;
    },
    all: () => [...sessions.values()],
    async [Symbol.asyncDispose]() {
      const all = [...sessions.values()];
      sessions.clear();
      await Promise.allSettled(all.flatMap((session) => [session.detach(), session.endSync()]));
    },
  };
}

function devSession(hostId: string, folder: string): DevSession {
  let busy = false;
  let starting: Promise<SyncSession> | undefined;
  let running: SyncSession | undefined;
  let attached: { readonly container: string; readonly ends: AsyncDisposable } | undefined;
  const detach = async (): Promise<void> => {
    const before = attached;
    attached = undefined;
    await before?.ends[Symbol.asyncDispose]();
  };
  return {
    hostId,
    folder,
    async alone(work) {
      if (busy)
        throw new EngineError(
          'conflict',
          `The dev container of ${path.basename(folder)} is just being opened or cleared away: wait a moment.`,
        );
      busy = true;
      try {
        return await work();
      } finally {
        busy = false;
      }
    },
    async sync(start) {
      starting ??= start();
      try {
        running = await starting;
        return running;
      } catch (error) {
        starting = undefined;
        throw error;
      }
    },
    currentSync: () => running,
    async endSync() {
      const before = starting;
      starting = running = undefined;
      await (await before?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
    async attach(container, ends) {
      await detach();
      attached = { container, ends };
    },
    container: () => attached?.container,
    detach,
  };
}
