/** Opens a container's network, all of it or nothing, and takes it apart. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { hasExtras } from './endpoint-extras.ts';
import { interfaceName, planEndpoint } from './endpoint-plan.ts';
import { newId } from './names.ts';
import type { NetworkRecord } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';
import type { SandboxRequest } from './networks.ts';
import type { ReadyNamespace } from './ready-namespaces.ts';
import { releaseAddresses } from './sandbox-addresses.ts';
import { allOf, redirectNames, type SandboxContext, saveState } from './sandbox-context.ts';
import type { EndpointState, SandboxState } from './sandbox-state.ts';

export async function openSandbox(context: SandboxContext, request: SandboxRequest): Promise<SandboxState> {
  const stale = context.states.get(request.containerId);
  if (stale !== undefined) await takeApart(context, stale);
  await context.closings.of(request.containerId);
  const networks = joined(request, context.store);
  const ready = mayBeReady(context, request) ? await context.ready.take() : undefined;
  const endpoints = await context.closings.afterwards(() => planEndpoints(context, networks, ready));
  const planned: SandboxState = { request, sandboxId: newId(), netns: ready?.netns, endpoints, ports: [] };
  // Known from here on: two containers that start at once do not get one address or one port.
  context.states.set(request.containerId, planned);
  try {
    return hasNamespace(request) ? await make(context, planned, ready) : saveState(context, planned);
  } catch (error) {
    await takeApart(context, context.states.get(request.containerId) ?? planned).catch(() => {});
    throw error;
  }
}

function hasNamespace({ mode }: SandboxRequest): boolean {
  return mode !== 'host' && !mode.startsWith('container:');
}

/** Whether the first interface is one that namespaces are made with. */
function mayBeReady(context: SandboxContext, { mode, endpoints, userNamespace }: SandboxRequest): boolean {
  if (!context.namespaces.isUsual(userNamespace)) return false;
  const named = Object.values(endpoints).some(
    (wishes) => Object.keys(wishes.DriverOpts ?? {}).length > 0 || hasExtras(wishes),
  );
  return mode !== 'host' && mode !== 'none' && !mode.startsWith('container:') && !named;
}

/** The namespace, the ports and the links, as far as they do not wait for one another. */
async function make(
  context: SandboxContext,
  planned: SandboxState,
  ready: ReadyNamespace | undefined,
): Promise<SandboxState> {
  const { ports, wiring } = context;
  const [first, ...more] = planned.endpoints;
  const reserving = ports.reserve(planned);
  const connecting = connectFirst(context, first, ready, planned.request.userNamespace);
  const naming = (ready === undefined ? connecting : Promise.resolve(ready.netns)).then((netns) =>
    redirectNames(context, { ...planned, netns }),
  );
  await Promise.allSettled([reserving, connecting, naming]);
  const bare = saveState(context, { ...planned, netns: await connecting });
  const state = saveState(context, { ...bare, ports: await reserving });
  const { netns = '', endpoints } = state;
  // A first interface with a name of its own, or with IPv6, is made like the others.
  const missing = first === undefined || isPlain(first) || ready !== undefined ? more : endpoints;
  const rest = missing.length > 0 ? [wiring.add(netns, missing, endpoints)] : [];
  await allOf([...rest, ports.redirect(state), naming]);
  return state;
}

/** @returns the namespace's bind mount */
async function connectFirst(
  { store, namespaces, bare, wiring }: SandboxContext,
  first: EndpointState | undefined,
  ready: ReadyNamespace | undefined,
  userNamespace: string | undefined,
): Promise<string> {
  if (first !== undefined && ready !== undefined) {
    if (first.endpointId === ready.endpoint.endpointId) {
      await wiring.refresh(first);
      return ready.netns;
    }
    await wiring.convert(ready.netns, ready.endpoint, first).finally(() => releaseAddresses(store, ready.endpoint));
    return ready.netns;
  }
  if (first !== undefined && isPlain(first)) return await wiring.make(first, userNamespace);
  const usual = namespaces.isUsual(userNamespace) ? await bare.take() : undefined;
  return usual ?? (await namespaces.make(undefined, userNamespace));
}

function isPlain({ ifname, ipv6, wishes }: EndpointState): boolean {
  return ifname === 'eth0' && ipv6 === undefined && !hasExtras(wishes);
}

/**
 * Resolves when the ports are free; namespace and addresses follow (see Closings). What cannot be removed stays in the
 * state, so that the next start of the engine tries again.
 */
export async function takeApart(context: SandboxContext, state: SandboxState): Promise<void> {
  const { store, collection, states, namespaces, ports, closings } = context;
  const { request, netns, endpoints } = state;
  const { containerId } = request;
  states.delete(containerId);
  const veths = endpoints.map(({ veth }) => veth);
  const released = ports.release(containerId);
  const closing = async (): Promise<void> => {
    try {
      await allOf([released, netns === undefined ? Promise.resolve() : namespaces.remove(netns, veths)]);
      collection.delete(containerId);
    } finally {
      for (const endpoint of endpoints) releaseAddresses(store, endpoint);
    }
  };
  closings.add(containerId, closing());
  await released;
}

/** The first endpoint is the ready one where that will do; else it gets the ready one's interface. */
function planEndpoints(
  context: SandboxContext,
  networks: readonly [NetworkRecord, EndpointSettings][],
  ready: ReadyNamespace | undefined,
): EndpointState[] {
  const planned: EndpointState[] = [];
  const plan = ([network, wishes]: [NetworkRecord, EndpointSettings]): EndpointState => {
    const made = planned.length === 0 ? ready?.endpoint : undefined;
    if (made?.network.id === network.id && !wishes.MacAddress) return { ...made, wishes };
    const ifname = interfaceName(wishes, planned);
    const own = planEndpoint({ network, wishes, spaces: context.store.spaces(network), ifname });
    return made === undefined ? own : { ...own, veth: made.veth };
  };
  try {
    for (const network of networks) planned.push(plan(network));
    return planned;
  } catch (error) {
    const own = planned.filter(({ endpointId }) => endpointId !== ready?.endpoint.endpointId);
    for (const endpoint of own) releaseAddresses(context.store, endpoint);
    if (ready !== undefined) context.ready.giveBack(ready);
    throw error;
  }
}

/**
 * The networks to join in the order of their interfaces: the mode's first, then by name. The mode's own is among the
 * endpoints unless the container was disconnected from it.
 */
function joined(request: SandboxRequest, store: NetworkStore): [NetworkRecord, EndpointSettings][] {
  const { mode, endpoints } = request;
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) {
    // One may wait for a network that never came.
    for (const name of Object.keys(endpoints)) store.find(name);
    return [];
  }
  const entries = Object.entries(endpoints);
  const wished = (entries.length > 0 ? entries : [[mode, {}] as const]).map(
    ([name, wishes]): [NetworkRecord, EndpointSettings] => [store.find(name), wishes],
  );
  for (const [{ name, driver, configOnly }] of wished) {
    if (configOnly) throw new EngineError('forbidden', `configuration network ${name} cannot be joined`);
    if (driver !== 'bridge') throw new EngineError('invalid', `network ${name} cannot be joined together with others`);
  }
  const isFirst = ({ name, id }: NetworkRecord): number => Number(name === mode || id === mode);
  return wished.sort(([a], [b]) => isFirst(b) - isFirst(a) || (a.name < b.name ? -1 : 1));
}
