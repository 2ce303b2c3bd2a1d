/**
 * A few namespaces made in advance, some of them connected to the default network, with addresses of their own: a container
 * that wants no more than that finds its network made; others save the time that making a namespace takes.
 */
import type { EndpointState } from './sandbox-state.ts';

export interface ReadyNamespace {
  readonly netns: string;
  /** On the default network; its address is taken. */
  readonly endpoint: EndpointState;
}

export interface ReadyNamespaces<T> extends AsyncDisposable {
  /** One that is there or being made; undefined when none is: waiting longer would not be faster than making one. */
  take(): Promise<T | undefined>;
  /** For one that was taken and turned out not to be needed. */
  giveBack(namespace: T): void;
  /** Starts filling the pool; before, it is empty. */
  start(): void;
}

interface ReadyNamespacesDeps<T> {
  readonly size: number;
  readonly make: () => Promise<T>;
  readonly discard: (namespace: T) => Promise<void>;
}

const REFILL_PAUSE_MS = 30;

export function createReadyNamespaces<T>({ size, make, discard }: ReadyNamespacesDeps<T>): ReadyNamespaces<T> {
  const ready: T[] = [];
  let filling: Promise<void> | undefined;
  /** The one being made, until somebody has it. */
  let coming: Promise<T | undefined> | undefined;
  const state = { open: false };

  async function fill(): Promise<void> {
    while (state.open && ready.length < size) {
      const making = make().catch(() => undefined);
      coming = making;
      const made = await making;
      const claimed = coming !== making;
      coming = undefined;
      if (made === undefined) return; // whoever needs a namespace makes it and sees the error
      if (!claimed) ready.push(made);
    }
  }

  function refill(): void {
    if (!state.open || filling !== undefined) return;
    filling = fill().finally(() => {
      filling = undefined;
    });
  }

  return {
    async take() {
      // Not while the container that takes one is being started.
      setTimeout(refill, REFILL_PAUSE_MS).unref();
      const found = ready.shift();
      if (found !== undefined) return found;
      const claimed = coming;
      coming = undefined;
      return claimed;
    },
    giveBack: (namespace) => void ready.unshift(namespace),
    start() {
      state.open = true;
      refill();
    },
    async [Symbol.asyncDispose]() {
      state.open = false;
      await filling;
      await Promise.all(ready.splice(0).map(discard));
    },
  };
}
