/** Containers' open networks: made when a container starts, changed while it runs, taken apart when it ends. */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { Collection } from '../state/database.ts';
import { parseAddress } from './address.ts';
import { planEndpoint } from './endpoint-plan.ts';
import type { FirewallPort } from './firewall-ruleset.ts';
import { newId } from './names.ts';
import type { Namespaces } from './namespaces.ts';
import { type NetworkRecord, PREDEFINED } from './network-record.ts';
import type { NetworkStore } from './network-store.ts';
import type { SandboxRequest } from './networks.ts';
import type { SandboxPorts } from './sandbox-ports.ts';
import { type EndpointState, resolverEndpoint, type SandboxState } from './sandbox-state.ts';
import type { ResolverTarget, Wiring } from './sandbox-wiring.ts';

export interface SandboxesDeps {
  readonly store: NetworkStore;
  readonly collection: Collection<SandboxState>;
  /** Open sandboxes by container id; shared with who resolves names and targets. */
  readonly states: Map<string, SandboxState>;
  readonly namespaces: Namespaces;
  readonly wiring: Wiring;
  readonly ports: SandboxPorts;
  /** Where the engine's resolver listens on a network. */
  readonly resolverOn: (network: NetworkRecord) => Promise<ResolverTarget>;
}

export interface Sandboxes {
  open(request: SandboxRequest): Promise<SandboxState>;
  close(containerId: string): Promise<void>;
  connect(containerId: string, network: NetworkRecord, wishes: EndpointSettings): Promise<SandboxState>;
  disconnect(containerId: string, network: NetworkRecord): Promise<SandboxState>;
  rename(containerId: string, name: string): void;
  /** Takes running sandboxes over and removes all others; resolves with the ports for the firewall. */
  restore(running: ReadonlyMap<string, SandboxRequest>): Promise<readonly FirewallPort[]>;
}

export function createSandboxes(deps: SandboxesDeps): Sandboxes {
  const { store, collection, states, namespaces, wiring, ports } = deps;

  function save(state: SandboxState): SandboxState {
    states.set(state.request.containerId, state);
    collection.put(state.request.containerId, state);
    return state;
  }

  function need(containerId: string): SandboxState {
    const state = states.get(containerId);
    if (state === undefined) throw new EngineError('conflict', `container ${containerId} is not running`);
    return state;
  }

  const planOne = (network: NetworkRecord, wishes: EndpointSettings, ifname: string): EndpointState =>
    planEndpoint({ network, wishes, spaces: store.spaces(network), ifname });

  function release({ network, ipv4, ipv6 }: EndpointState): void {
    if (!store.has(network.id)) return;
    for (const { address } of [ipv4, ipv6].filter((one) => one !== undefined)) {
      const parsed = parseAddress(address);
      const space = store.spaces(network).find(({ subnet }) => subnet.family === parsed?.family);
      if (parsed !== undefined) space?.release(parsed);
    }
  }

  function planAll(request: SandboxRequest): EndpointState[] {
    const planned: EndpointState[] = [];
    try {
      for (const [network, wishes] of joined(request, store)) {
        planned.push(planOne(network, wishes, interfaceName(wishes, planned)));
      }
      return planned;
    } catch (error) {
      for (const endpoint of planned) release(endpoint);
      throw error;
    }
  }

  async function resolve(state: SandboxState): Promise<void> {
    const endpoint = resolverEndpoint(state.endpoints);
    if (endpoint === undefined || state.netns === undefined) return;
    await wiring.redirectResolver(state.netns, await deps.resolverOn(endpoint.network));
  }

  async function takeApart(state: SandboxState): Promise<void> {
    const { request, netns, endpoints } = state;
    states.delete(request.containerId);
    const veths = endpoints.map(({ veth }) => veth);
    const results = await Promise.allSettled([
      ports.release(request.containerId),
      netns === undefined ? undefined : namespaces.remove(netns, veths),
    ]);
    for (const endpoint of endpoints) release(endpoint);
    const failed = results.find((result) => result.status === 'rejected');
    // Kept in the state, so that the next start of the engine tries again.
    if (failed !== undefined) throw failed.reason;
    collection.delete(request.containerId);
  }

  /** The namespace, the ports and the links, as far as they do not wait for one another. */
  async function make(planned: SandboxState): Promise<SandboxState> {
    const wired = planned.endpoints[0]?.ifname === 'eth0';
    const namespace = wired ? namespaces.wired() : namespaces.bare();
    const reserved = ports.reserve(planned);
    await Promise.allSettled([namespace, reserved]);
    const made = await namespace;
    const endpoints = planned.endpoints.map((one, i) => (i === 0 && made.veth ? { ...one, veth: made.veth } : one));
    const state = save({ ...planned, netns: made.file, endpoints });
    const withPorts = save({ ...state, ports: await reserved });
    if (endpoints.length > 0) {
      await allOf([wiring.connect(made.file, endpoints, wired), ports.redirect(withPorts), resolve(withPorts)]);
    }
    return withPorts;
  }

  return {
    async open(request) {
      const stale = states.get(request.containerId);
      if (stale !== undefined) await takeApart(stale);
      const planned: SandboxState = {
        request,
        sandboxId: newId(),
        netns: undefined,
        endpoints: planAll(request),
        ports: [],
      };
      states.set(request.containerId, planned);
      try {
        return request.mode === 'host' || request.mode.startsWith('container:') ? save(planned) : await make(planned);
      } catch (error) {
        await takeApart(states.get(request.containerId) ?? planned).catch(() => {});
        throw error;
      }
    },
    async close(containerId) {
      const state = states.get(containerId);
      if (state !== undefined) await takeApart(state);
    },
    async connect(containerId, network, wishes) {
      const before = need(containerId);
      const endpoint = planOne(network, wishes, interfaceName(wishes, before.endpoints));
      const endpoints = [...before.endpoints, endpoint];
      const state = save({ ...before, endpoints });
      try {
        if (state.netns !== undefined) await wiring.add(state.netns, endpoint, endpoints);
        const reserved = state.ports.length > 0 ? state.ports : await ports.reserve(state);
        const complete = save({ ...state, ports: reserved });
        await allOf([ports.redirect(complete), resolve(complete)]);
        return complete;
      } catch (error) {
        save(before);
        release(endpoint);
        if (before.netns !== undefined) await wiring.remove(before.netns, endpoint, before.endpoints).catch(() => {});
        throw error;
      }
    },
    async disconnect(containerId, network) {
      const before = need(containerId);
      const endpoint = before.endpoints.find((one) => one.network.id === network.id);
      if (endpoint === undefined || before.netns === undefined) {
        throw new EngineError('internal', `container ${containerId} is not connected to network ${network.name}`);
      }
      const endpoints = before.endpoints.filter((one) => one !== endpoint);
      const wayOut = endpoints.some(({ ipv4, ipv6 }) => Boolean(ipv4?.gateway) || Boolean(ipv6?.gateway));
      const state = save({ ...before, endpoints, ports: wayOut ? before.ports : [] });
      await (wayOut ? ports.redirect(state) : ports.release(containerId));
      await allOf([wiring.remove(before.netns, endpoint, endpoints), resolve(state)]);
      release(endpoint);
      return state;
    },
    rename(containerId, name) {
      const state = states.get(containerId);
      if (state !== undefined) save({ ...state, request: { ...state.request, containerName: name } });
    },
    async restore(running) {
      const found = collection.all().map(({ value }) => value);
      const kept = found.filter(({ request }) => running.has(request.containerId));
      for (const state of kept) {
        states.set(state.request.containerId, {
          ...state,
          request: running.get(state.request.containerId) ?? state.request,
        });
        takeAddresses(state, store);
      }
      const dead = found.filter((state) => !kept.includes(state));
      await Promise.allSettled(dead.map(takeApart));
      await namespaces.removeOthers(new Set(kept.flatMap(({ netns }) => netns ?? [])));
      const redirected = await Promise.all(kept.map((state) => ports.retake(state)));
      await Promise.allSettled(kept.map(resolve));
      return redirected.flat();
    },
  };
}

/** The networks to join in the order of their interfaces: the mode's first, then by name. */
function joined(request: SandboxRequest, store: NetworkStore): [NetworkRecord, EndpointSettings][] {
  const { mode, endpoints } = request;
  if (mode === 'host' || mode === 'none' || mode.startsWith('container:')) return [];
  const first = store.find(mode);
  const wished = Object.entries(endpoints).map(([name, wishes]) => [store.find(name), wishes] as const);
  const byId = new Map<string, [NetworkRecord, EndpointSettings]>([[first.id, [first, {}]]]);
  for (const [network, wishes] of wished.sort(([a], [b]) => (a.name < b.name ? -1 : 1))) {
    byId.set(network.id, [network, wishes]);
  }
  const special = [...byId.values()].find(([network]) => network.driver !== 'bridge' || network.configOnly);
  if (special === undefined) return [...byId.values()];
  const [{ name }] = special;
  const why = PREDEFINED.has(name)
    ? `network ${name} cannot be joined with others`
    : `${name} is a configuration-only network`;
  throw new EngineError('invalid', why);
}

const INTERFACE_NAME = 'com.docker.network.endpoint.ifname';

function interfaceName({ DriverOpts: options }: EndpointSettings, present: readonly EndpointState[]): string {
  const wished = options?.[INTERFACE_NAME];
  if (wished !== undefined && /^[^\s/:]{1,15}$/.test(wished) && wished !== 'lo') return wished;
  const used = new Set(present.map(({ ifname }) => ifname));
  for (let i = 0; ; i++) if (!used.has(`eth${i}`)) return `eth${i}`;
}

function takeAddresses({ endpoints }: SandboxState, store: NetworkStore): void {
  for (const { network, ipv4, ipv6 } of endpoints) {
    if (!store.has(network.id)) continue;
    for (const { address } of [ipv4, ipv6].filter((one) => one !== undefined)) {
      const parsed = parseAddress(address);
      if (parsed === undefined) continue;
      store
        .spaces(network)
        .find(({ subnet }) => subnet.family === parsed.family)
        ?.take(parsed);
    }
  }
}

/** Waits for all before it fails: nothing may still be at work when the sandbox is taken apart. */
async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed === undefined) return;
  throw failed.reason instanceof Error ? failed.reason : new Error(messageOf(failed.reason));
}
