/**
 * A few namespaces made in advance, connected to the default network, with addresses of their own: a container that
 * wants no more than that finds its network made; others save the time that making a namespace takes.
 */
import type { EndpointState } from './sandbox-state.ts';

export interface ReadyNamespace {
  readonly netns: string;
  /** On the default network; its address is taken. */
  readonly endpoint: EndpointState;
}

export interface ReadyNamespaces extends AsyncDisposable {
  /** One that is there or being made; undefined when none is: waiting longer would not be faster than making one. */
  take(): Promise<ReadyNamespace | undefined>;
  /** For one that was taken and turned out not to be needed. */
  giveBack(namespace: ReadyNamespace): void;
  /** Starts filling the pool; before, it is empty. */
  start(): void;
}

interface ReadyNamespacesDeps {
  readonly size: number;
  readonly make: () => Promise<ReadyNamespace>;
  readonly discard: (namespace: ReadyNamespace) => Promise<void>;
}

const REFILL_PAUSE_MS = 30;

export function createReadyNamespaces({ size, make, discard }: ReadyNamespacesDeps): ReadyNamespaces {
  const ready: ReadyNamespace[] = [];
  let filling: Promise<void> | undefined;
  /** The one being made, until somebody has it. */
  let coming: Promise<ReadyNamespace | undefined> | undefined;
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
