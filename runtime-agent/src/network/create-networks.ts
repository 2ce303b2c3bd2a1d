/** The engine's networks: records, kernel objects, names and ports put together. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Host } from '../host/host.ts';
import { findProgram } from '../host/tools.ts';
import type { Database } from '../state/collection.ts';
import { attachedContainers } from './attached-containers.ts';
import { createBridges } from './bridges.ts';
import { checkConnect, checkDisconnect, checkRequest } from './container-network-rules.ts';
import { createResolver } from './dns/resolver.ts';
import { planEndpoint } from './endpoint-plan.ts';
import { createFirewall } from './firewall.ts';
import { createForeignFirewall } from './foreign-firewall.ts';
import { engineNames } from './names.ts';
import { createNamespaces } from './namespaces.ts';
import { createNetworkChanges } from './network-changes.ts';
import { type NetworkRecord, showNetwork } from './network-record.ts';
import { createNetworkStore } from './network-store.ts';
import type { Networks, SandboxRequest } from './networks.ts';
import { createPortReservations } from './port-reservations.ts';
import { createReadyNamespaces, type ReadyNamespace } from './ready-namespaces.ts';
import { removeKernel, restoreBridges, restoreFirewall } from './restore-kernel.ts';
import { releaseAddresses } from './sandbox-addresses.ts';
import { createClosings } from './sandbox-closings.ts';
import type { SandboxContext } from './sandbox-context.ts';
import { createSandboxPorts } from './sandbox-ports.ts';
import { type SandboxState, targetOf } from './sandbox-state.ts';
import { createSandboxView } from './sandbox-view.ts';
import type { SubnetSource } from './subnet-pools.ts';
import { createWiring } from './sandbox-wiring.ts';
import { createSandboxes } from './sandboxes.ts';

/** From the configuration file. */
export interface NetworkDefaults {
  readonly mtu: number | undefined;
  readonly bip: string | undefined;
  readonly pools: SubnetSource['pools'];
  /** Resolver settings of containers that have none of their own. */
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
}

export interface NetworksDeps {
  readonly host: Host;
  readonly database: Database;
  readonly events: EventLog;
  readonly dataRoot: string;
  readonly execRoot: string;
  /** Tells the person who runs the engine what happened to their networks; one line. */
  readonly report: (line: string) => void;
  readonly defaults?: NetworkDefaults;
}

/** Enough for a start of several containers in a row; each keeps an address and a few kilobytes of the kernel. */
const READY_NAMESPACES = 3;
/** For containers without a network. */
const READY_BARE = 1;

type Parts = ReturnType<typeof createParts>;

function createParts({ host, database, events, dataRoot, execRoot, report, defaults }: NetworksDeps) {
  const names = engineNames(dataRoot);
  const { table } = names;
  const chosen = { seed: { seed: dataRoot, pools: defaults?.pools ?? [] }, mtu: defaults?.mtu };
  const states = new Map<string, SandboxState>();
  const store = createNetworkStore(database);
  const bridges = createBridges(host, table);
  const firewall = createFirewall(host);
  const foreign = createForeignFirewall({ host, mark: table, findProgram: (name) => findProgram(name) });
  const resolver = createResolver(states, (bridge, target) => foreign.allow({ bridge, resolver: target }));
  const reservations = createPortReservations();
  const namespaces = createNamespaces({ host, folder: path.join(execRoot, 'netns') });
  const wiring = createWiring({ host, namespaces, hairpin: bridgesAreFiltered });
  const ready = createReadyNamespaces({ size: READY_NAMESPACES, ...readyOnDefault({ store, wiring, namespaces }) });
  const bare = createReadyNamespaces({
    size: READY_BARE,
    make: () => namespaces.make(),
    discard: (netns) => namespaces.remove(netns, []),
  });
  const closings = createClosings(report);
  const ports = createSandboxPorts({
    firewall,
    table,
    reservations,
    targetFor: (containerId) => (port) => {
      const state = states.get(containerId);
      return state && targetOf(state.endpoints, port);
    },
  });
  const sandboxes = createSandboxes({
    store,
    collection: database.collection<SandboxState>('sandboxes'),
    states,
    namespaces,
    ready,
    bare,
    closings,
    wiring,
    ports,
    resolverOn: (network) => resolver.on(network),
  });
  const changes = createNetworkChanges({
    store,
    states,
    bridges,
    firewall,
    foreign,
    table,
    resolver,
    events,
    ...chosen,
  });
  const view = createSandboxView({ store, states, execRoot });
  const restoring = { host, store, bridges, firewall, foreign, names, report, bip: defaults?.bip, ...chosen };
  return {
    states,
    store,
    namespaces,
    resolver,
    reservations,
    ready,
    bare,
    closings,
    sandboxes,
    changes,
    view,
    restoring,
  };
}

/** How namespaces are made and thrown away that wait for containers of the default network. */
function readyOnDefault({ store, wiring, namespaces }: Pick<SandboxContext, 'store' | 'wiring' | 'namespaces'>) {
  return {
    async make(): Promise<ReadyNamespace> {
      const network = store.find('bridge');
      const endpoint = planEndpoint({ network, wishes: {}, spaces: store.spaces(network), ifname: 'eth0' });
      try {
        return { netns: await wiring.make(endpoint), endpoint };
      } catch (error) {
        releaseAddresses(store, endpoint);
        throw error;
      }
    },
    async discard({ netns, endpoint }: ReadyNamespace): Promise<void> {
      await namespaces.remove(netns, [endpoint.veth]);
      releaseAddresses(store, endpoint);
    },
  };
}

/** With it, a container that calls its own published port needs a port that reflects. */
async function bridgesAreFiltered(): Promise<boolean> {
  const text = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0');
  return text.trim() === '1';
}

export function createNetworks(deps: NetworksDeps): Networks {
  const parts = createParts(deps);
  const { states, store, sandboxes, changes, view } = parts;
  const tell = (action: 'connect' | 'disconnect', { id, name, driver }: NetworkRecord, container: string): void =>
    deps.events.publish('network', action, id, { container, name, type: driver });
  const show = (record: NetworkRecord) => showNetwork(record, attachedContainers(record, states.values()));

  return {
    async create(request) {
      const { id } = await changes.create(request);
      return { Id: id, Warning: '' };
    },
    inspect: (nameOrId) => show(store.find(nameOrId)),
    list: () => store.all().map(show),
    remove: (nameOrId) => changes.remove(nameOrId),
    check: (request) => checkRequest(request, store),
    async open(request) {
      const state = await inWords(() => sandboxes.open(withDefaults(request, deps.defaults)));
      try {
        const sandbox = await view.whole(state);
        for (const network of networksOf(state, store)) tell('connect', network, request.containerId);
        return sandbox;
      } catch (error) {
        await sandboxes.close(request.containerId);
        throw error;
      }
    },
    async close(containerId) {
      const state = states.get(containerId);
      await sandboxes.close(containerId);
      if (state === undefined) return;
      for (const network of networksOf(state, store)) tell('disconnect', network, containerId);
    },
    async connect(nameOrId, containerId, endpoint) {
      const network = store.find(nameOrId);
      const state = states.get(containerId);
      if (state !== undefined) {
        checkConnect(
          state.request,
          network,
          endpoint,
          state.endpoints.map((one) => one.network.id),
        );
      }
      const settings = view.settings(await sandboxes.connect(containerId, network, endpoint));
      tell('connect', network, containerId);
      return settings;
    },
    async disconnect(nameOrId, containerId) {
      const network = store.find(nameOrId);
      checkDisconnect(network);
      const settings = view.settings(await sandboxes.disconnect(containerId, network));
      tell('disconnect', network, containerId);
      return settings;
    },
    checkConnect(nameOrId, request, endpoint) {
      checkConnect(request, store.find(nameOrId), endpoint, joinedIds(request, store));
    },
    async files(containerId) {
      const state = states.get(containerId);
      return state && view.files(state);
    },
    rename: (containerId, name) => sandboxes.rename(containerId, name),
    async restore(running) {
      const requests = new Map(running.map(({ request }) => [request.containerId, request]));
      await restoreBridges(parts.restoring, sandboxes.joinedBy(new Set(requests.keys())));
      await restoreFirewall(parts.restoring, await sandboxes.restore(requests));
      parts.ready.start();
      parts.bare.start();
    },
    [Symbol.asyncDispose]: () => end(parts),
  };
}

/** Containers live on with their networks; without any, nothing of the engine stays in the kernel. */
async function end(parts: Parts): Promise<void> {
  const { states, resolver, reservations, ready, bare, closings, restoring, namespaces } = parts;
  await Promise.all([
    resolver[Symbol.asyncDispose](),
    reservations[Symbol.asyncDispose](),
    ready[Symbol.asyncDispose](),
    bare[Symbol.asyncDispose](),
    closings.all(),
  ]);
  const inKernel = new Set([...states.values()].flatMap(({ netns }) => netns ?? []));
  // What an engine that was killed had asked for may have come after this one looked.
  await namespaces.removeOthers(inKernel);
  if (inKernel.size === 0) await removeKernel(restoring);
}

function networksOf({ request, endpoints }: SandboxState, store: Parts['store']): NetworkRecord[] {
  const special = request.mode === 'host' || request.mode === 'none' ? [store.find(request.mode)] : [];
  return [...special, ...endpoints.map(({ network }) => network)];
}

function joinedIds({ endpoints }: SandboxRequest, store: Parts['store']): string[] {
  return Object.keys(endpoints).flatMap((name) => (store.has(name) ? [store.find(name).id] : []));
}

function withDefaults(request: SandboxRequest, defaults: NetworkDefaults | undefined): SandboxRequest {
  if (defaults === undefined) return request;
  const own = (given: readonly string[], standard: readonly string[]): readonly string[] =>
    given.length > 0 ? given : standard;
  return {
    ...request,
    dns: own(request.dns, defaults.dns),
    dnsSearch: own(request.dnsSearch, defaults.dnsSearch),
    dnsOptions: own(request.dnsOptions, defaults.dnsOptions),
  };
}

/** Docker's beginning of every failure to set a container's network up. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, `failed to set up container networking: ${error.message}`, { cause: error });
  }
}
