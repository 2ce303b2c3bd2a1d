/** Connects a running container to a network, and disconnects it. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { interfaceName, planEndpoint } from './endpoint-plan.ts';
import type { NetworkRecord } from './network-record.ts';
import { releaseAddresses } from './sandbox-addresses.ts';
import { allOf, redirectNames, type SandboxContext, saveState } from './sandbox-context.ts';
import type { EndpointState, SandboxState } from './sandbox-state.ts';

export async function connectSandbox(
  context: SandboxContext,
  before: SandboxState,
  network: NetworkRecord,
  wishes: EndpointSettings,
): Promise<SandboxState> {
  const { store, wiring, ports, closings } = context;
  const netns = needNamespace(before);
  const ifname = interfaceName(wishes, before.endpoints);
  const endpoint = await closings.afterwards(() =>
    planEndpoint({ network, wishes, spaces: store.spaces(network), ifname }),
  );
  const endpoints = [...before.endpoints, endpoint];
  const state = saveState(context, { ...before, endpoints });
  try {
    await wiring.add(netns, [endpoint], endpoints);
    // Ports that had no way out until now.
    const reserved = state.ports.length > 0 ? state.ports : await ports.reserve(state);
    const complete = saveState(context, { ...state, ports: reserved });
    await allOf([ports.redirect(complete), redirectNames(context, complete)]);
    return complete;
  } catch (error) {
    await restoreBefore(context, before, endpoint);
    throw error;
  }
}

async function restoreBefore(context: SandboxContext, before: SandboxState, endpoint: EndpointState): Promise<void> {
  const { store, wiring, ports } = context;
  saveState(context, before);
  if (before.ports.length === 0) await ports.release(before.request.containerId).catch(() => {});
  else await ports.redirect(before).catch(() => {});
  await wiring.remove(needNamespace(before), endpoint, before.endpoints).catch(() => {});
  releaseAddresses(store, endpoint);
}

export async function disconnectSandbox(
  context: SandboxContext,
  before: SandboxState,
  network: NetworkRecord,
): Promise<SandboxState> {
  const { store, wiring, ports } = context;
  const { containerId } = before.request;
  const endpoint = before.endpoints.find((one) => one.network.id === network.id);
  if (endpoint === undefined) {
    throw new EngineError('internal', `container ${containerId} is not connected to network ${network.name}`);
  }
  const endpoints = before.endpoints.filter((one) => one !== endpoint);
  const wayOut = endpoints.some(({ ipv4, ipv6 }) => Boolean(ipv4?.gateway) || Boolean(ipv6?.gateway));
  const state = saveState(context, { ...before, endpoints, ports: wayOut ? before.ports : [] });
  await allOf([
    wayOut ? ports.redirect(state) : ports.release(containerId),
    wiring.remove(needNamespace(before), endpoint, endpoints),
    redirectNames(context, state),
  ]);
  releaseAddresses(store, endpoint);
  return state;
}

function needNamespace({ netns, request }: SandboxState): string {
  if (netns !== undefined) return netns;
  throw new EngineError('invalid', `container ${request.containerId} has no network namespace of its own`);
}
