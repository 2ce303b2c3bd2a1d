/** Creating and removing networks, in the records and in the kernel. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { NetworkCreateRequest } from '#model/engine-api/types.ts';
import type { EventLog } from '../events/event-log.ts';
import { type Bridges, firewallNetwork } from './bridges.ts';
import type { Resolver } from './dns/resolver.ts';
import type { Firewall } from './firewall.ts';
import type { ForeignFirewall } from './foreign-firewall.ts';
import { renderNetwork } from './firewall-ruleset.ts';
import { hostMtu, hostSubnets } from './host-subnets.ts';
import { newId } from './names.ts';
import { type NetworkRecord, PREDEFINED } from './network-record.ts';
import { planNetwork } from './network-request.ts';
import type { NetworkStore } from './network-store.ts';
import type { SandboxState } from './sandbox-state.ts';
import { mustMove } from './subnet-conflicts.ts';
import type { SubnetSource } from './subnet-pools.ts';
import { withSubnetLock } from './subnet-lock.ts';

/** How often a network is made anew when somebody takes the same subnet at the same moment. */
const ESTABLISH_TRIES = 4;

export interface NetworkChangesDeps {
  readonly store: NetworkStore;
  readonly states: ReadonlyMap<string, SandboxState>;
  readonly bridges: Bridges;
  readonly firewall: Firewall;
  readonly foreign: ForeignFirewall;
  readonly table: string;
  readonly resolver: Resolver;
  readonly events: EventLog;
  /** What the engine's IPv6 subnets are made of. */
  readonly seed: string | SubnetSource;
  /** Configured; otherwise the host's. */
  readonly mtu?: number | undefined;
}

export interface NetworkChanges {
  create(request: NetworkCreateRequest): Promise<NetworkRecord>;
  remove(nameOrId: string): Promise<void>;
}

export function createNetworkChanges(deps: NetworkChangesDeps): NetworkChanges {
  const { store, states, bridges, firewall, foreign, table, resolver, events, seed } = deps;

  async function dismantle(record: NetworkRecord): Promise<void> {
    store.delete(record.id);
    if (record.bridge === '') return;
    await resolver.off(record.id);
    const removed = await Promise.allSettled([
      firewall.apply(renderNetwork(table, 'delete', firewallNetwork(record))),
      bridges.remove(record),
      foreign.forget(record.bridge),
    ]);
    const failed = removed.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  const letThrough = (record: NetworkRecord): Promise<void>[] => [
    firewall.apply(renderNetwork(table, 'add', firewallNetwork(record))),
    foreign.allow({ bridge: record.bridge }),
  ];

  async function establish(request: NetworkCreateRequest): Promise<NetworkRecord> {
    const around = {
      existing: store.all(),
      hostSubnets: await hostSubnets(),
      mtu: deps.mtu ?? (await hostMtu()),
      seed,
    };
    const record = planNetwork(request, { ...around, newId: newId(), now: new Date().toISOString() });
    store.add(record);
    try {
      await Promise.all([bridges.make([record]), ...(record.bridge === '' ? [] : letThrough(record))]);
      return record;
    } catch (error) {
      await dismantle(record).catch(() => {});
      throw error;
    }
  }

  /** Docker and others choose subnets without the lock, perhaps at the same moment. */
  const isContested = async (record: NetworkRecord): Promise<boolean> =>
    record.bridge !== '' && mustMove(record, await hostSubnets(await bridges.own()));

  return {
    create: (request) =>
      withSubnetLock(async () => {
        let record = await establish(request);
        for (let tries = 1; tries < ESTABLISH_TRIES && (await isContested(record)); tries++) {
          await dismantle(record);
          record = await establish(request);
        }
        events.publish('network', 'create', record.id, { name: record.name, type: record.driver });
        return record;
      }),
    async remove(nameOrId) {
      const record = store.find(nameOrId);
      refuseUsed(record, store, states);
      await dismantle(record);
      events.publish('network', 'destroy', record.id, { name: record.name, type: record.driver });
    },
  };
}

function refuseUsed(record: NetworkRecord, store: NetworkStore, states: ReadonlyMap<string, SandboxState>): void {
  const { id, name } = record;
  if (PREDEFINED.has(name)) {
    throw new EngineError('forbidden', `${name} is a pre-defined network and cannot be removed`);
  }
  const active = [...states.values()].flatMap(({ request, endpoints }) =>
    endpoints
      .filter(({ network }) => network.id === id)
      .map(({ endpointId }) => `name:"${request.containerName}" id:"${endpointId.slice(0, 12)}"`),
  );
  if (active.length > 0) {
    const list = active.join(', ');
    throw new EngineError('forbidden', `error while removing network: network ${name} has active endpoints (${list})`);
  }
  if (record.configOnly && store.all().some(({ configFrom }) => configFrom === name || configFrom === id)) {
    throw new EngineError('forbidden', `error while removing network: configuration network "${name}" is in use`);
  }
}
