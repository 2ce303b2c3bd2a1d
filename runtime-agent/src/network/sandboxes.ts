/** Containers' open networks: made when a container starts, changed while it runs, taken apart when it ends. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { FirewallPort } from './firewall-ruleset.ts';
import type { NetworkRecord } from './network-record.ts';
import type { SandboxRequest } from './networks.ts';
import { takeAddresses } from './sandbox-addresses.ts';
import { connectSandbox, disconnectSandbox } from './sandbox-connect.ts';
import { redirectNames, type SandboxContext, saveState } from './sandbox-context.ts';
import { openSandbox, takeApart } from './sandbox-open.ts';
import type { SandboxState } from './sandbox-state.ts';

export interface Sandboxes {
  open(request: SandboxRequest): Promise<SandboxState>;
  close(containerId: string): Promise<void>;
  connect(containerId: string, network: NetworkRecord, wishes: EndpointSettings): Promise<SandboxState>;
  disconnect(containerId: string, network: NetworkRecord): Promise<SandboxState>;
  rename(containerId: string, name: string): void;
  /** Ids of the networks that these containers are on, as the records of before a restart say. */
  joinedBy(containerIds: ReadonlySet<string>): ReadonlySet<string>;
  /** Takes running sandboxes over and removes all others; resolves with the ports for the firewall. */
  restore(running: ReadonlyMap<string, SandboxRequest>): Promise<readonly FirewallPort[]>;
}

export function createSandboxes(context: SandboxContext): Sandboxes {
  const { states } = context;
  const need = (containerId: string): SandboxState => {
    const state = states.get(containerId);
    if (state === undefined) throw new EngineError('conflict', `container ${containerId} is not running`);
    return state;
  };
  return {
    open: (request) => openSandbox(context, request),
    async close(containerId) {
      const state = states.get(containerId);
      if (state !== undefined) await takeApart(context, state);
    },
    connect: async (containerId, network, wishes) => connectSandbox(context, need(containerId), network, wishes),
    disconnect: async (containerId, network) => disconnectSandbox(context, need(containerId), network),
    rename(containerId, name) {
      const state = states.get(containerId);
      if (state !== undefined) saveState(context, { ...state, request: { ...state.request, containerName: name } });
    },
    joinedBy: (containerIds) =>
      new Set(
        context.collection
          .all()
          .filter(({ value }) => containerIds.has(value.request.containerId))
          .flatMap(({ value }) => value.endpoints.map(({ network }) => network.id)),
      ),
    restore: (running) => restoreSandboxes(context, running),
  };
}

async function restoreSandboxes(
  context: SandboxContext,
  running: ReadonlyMap<string, SandboxRequest>,
): Promise<readonly FirewallPort[]> {
  const { collection, states, store, namespaces, ports } = context;
  const found = collection.all().map(({ value }) => value);
  const kept = found.flatMap((state) => {
    const request = running.get(state.request.containerId);
    return request === undefined ? [] : [{ ...state, request }];
  });
  for (const state of kept) {
    states.set(state.request.containerId, state);
    for (const endpoint of state.endpoints) takeAddresses(store, endpoint);
  }
  const dead = found.filter(({ request }) => !running.has(request.containerId));
  await Promise.allSettled(dead.map((state) => takeApart(context, state)));
  await context.closings.all();
  await namespaces.removeOthers(new Set(kept.flatMap(({ netns }) => netns ?? [])));
  const redirected = await Promise.all(kept.map((state) => ports.retake(state)));
  // The resolver may have another port now.
  await Promise.allSettled(kept.map((state) => redirectNames(context, state)));
  return redirected.flat();
}
