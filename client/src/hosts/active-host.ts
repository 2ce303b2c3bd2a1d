/** The host that terminals and new containers use: the chosen one while it is connected, else the first that is. */
import type { EngineConnection } from './engine-connection.ts';
import type { HostList } from './host-list.ts';

export interface ActiveHost {
  /** undefined: no host is connected. */
  connection(): EngineConnection | undefined;
  choose(hostId: string): Promise<void>;
  /** Called when another connection is the active one, or none. */
  onChange(listener: () => void): () => void;
}

export interface ChoiceStore {
  get(): string | undefined;
  set(hostId: string): PromiseLike<void>;
}

export function activeHost(hosts: HostList, store: ChoiceStore): ActiveHost {
  const listeners = new Set<() => void>();
  const connection = (): EngineConnection | undefined => hosts.connection(store.get() ?? '') ?? hosts.connections()[0];
  let last = connection();
  const check = (): void => {
    const now = connection();
    if (now === last) return;
    last = now;
    for (const listener of listeners) listener();
  };
  hosts.onChange(check);
  return {
    connection,
    async choose(hostId) {
      await store.set(hostId);
      check();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
