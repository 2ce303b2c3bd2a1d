/** What the verbs of sandboxes work with. */
import type { Collection } from '../state/collection.ts';
import type { Namespaces } from './namespaces.ts';
import type { NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';
import type { Closings } from './sandbox-closings.ts';
import type { SandboxPorts } from './sandbox-ports.ts';
import { isUserDefined, resolverEndpoint, type SandboxState } from './sandbox-state.ts';
import type { ReadyNamespace, ReadyNamespaces } from './ready-namespaces.ts';
import type { ResolverTarget } from './resolver-rules.ts';
import type { Wiring } from './sandbox-wiring.ts';

export interface SandboxContext {
  readonly store: NetworkStore;
  readonly collection: Collection<SandboxState>;
  /** Open sandboxes by container id; shared with who resolves names and targets. */
  readonly states: Map<string, SandboxState>;
  readonly namespaces: Namespaces;
  readonly ready: ReadyNamespaces<ReadyNamespace>;
  /** Without an interface, by their bind mounts. */
  readonly bare: ReadyNamespaces<string>;
  readonly closings: Closings;
  readonly wiring: Wiring;
  readonly ports: SandboxPorts;
  /** Where the engine's resolver listens on a network. */
  readonly resolverOn: (network: NetworkRecord) => Promise<ResolverTarget>;
}

export function saveState({ states, collection }: SandboxContext, state: SandboxState): SandboxState {
  states.set(state.request.containerId, state);
  collection.put(state.request.containerId, state);
  return state;
}

/** Makes the container's resolver address lead to the engine, if it is on a network that has names. */
export async function redirectNames({ wiring, resolverOn }: SandboxContext, state: SandboxState): Promise<void> {
  const named = state.endpoints.find(({ network }) => isUserDefined(network));
  const endpoint = resolverEndpoint(state.endpoints) ?? named;
  if (endpoint === undefined || state.netns === undefined) return;
  const target = await resolverOn(endpoint.network);
  // On a network without IPv4 the container asks the gateway itself.
  if (endpoint.ipv4 !== undefined) await wiring.redirectResolver(state.netns, target);
}

/** Waits for all before it fails: nothing may still be at work when the sandbox is taken apart. */
export async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
