/** Brings the kernel to what the records say, when the engine starts. */
import type { Host } from '../host/host.ts';
import { type Bridges, firewallNetwork } from './bridges.ts';
import type { Firewall } from './firewall.ts';
import type { ForeignFirewall } from './foreign-firewall.ts';
import { type FirewallPort, renderTable } from './firewall-ruleset.ts';
import { hostMtu, hostSubnets } from './host-subnets.ts';
import type { EngineNames } from './names.ts';
import type { NetworkStore } from './network-store.ts';
import { movedBridge, predefinedNetworks } from './predefined-networks.ts';
import { settleConflicts } from './subnet-conflicts.ts';
import type { SubnetSource } from './subnet-pools.ts';
import { withSubnetLock } from './subnet-lock.ts';

export interface RestoreDeps {
  readonly host: Host;
  readonly store: NetworkStore;
  readonly bridges: Bridges;
  readonly firewall: Firewall;
  readonly foreign: ForeignFirewall;
  readonly names: EngineNames;
  /** Tells the person who runs the engine; one line. */
  readonly report: (line: string) => void;
  /** What the engine's IPv6 subnets are made of. */
  readonly seed: string | SubnetSource;
  /** Configured; otherwise the host's. */
  readonly mtu?: number | undefined;
  /** Configured address of the default bridge, `ADDRESS/BITS`. */
  readonly bip?: string | undefined;
}

/** How often bridges are made anew when somebody takes the same subnets at the same moment. */
const SETTLE_TRIES = 3;

/**
 * Records of the predefined networks, and every bridge. Bridges of ours that no record knows are removed.
 * @param inUse ids of networks that running containers are on
 */
export async function restoreBridges(deps: RestoreDeps, inUse: ReadonlySet<string>): Promise<void> {
  const { host, store, bridges, names } = deps;
  await withSubnetLock(async () => {
    const told = new Set<string>();
    await settle(deps, inUse, told);
    const [subnets, mtu] = await Promise.all([hostSubnets(), deps.mtu ?? hostMtu()]);
    const input = { existing: store.all(), hostSubnets: subnets, mtu, now: new Date().toISOString() };
    const chosen = { seed: deps.seed, bip: deps.bip, defaultBridge: names.defaultBridge };
    for (const record of predefinedNetworks({ ...input, ...chosen })) store.add(record);
    const moved = movedBridge(store.all(), deps.bip);
    if (moved !== undefined && inUse.has(moved.id)) {
      deps.report('bip: containers run on the network bridge, so it keeps its address for now');
    } else if (moved !== undefined) {
      await bridges.remove(moved);
      store.add(moved);
    }
    await bridges.make(store.all());
    // Docker and others choose subnets without the lock: look again now that everybody can see the bridges.
    for (let tries = 0; tries < SETTLE_TRIES && (await settle(deps, inUse, told)); tries++) {
      await bridges.make(store.all());
    }
  });
  const known = new Set(store.all().map(({ bridge }) => bridge));
  const stray = (await bridges.own()).filter((name) => !known.has(name));
  for (const name of stray) await host.run('ip', ['link', 'delete', name], { onFailure: 'return' });
}

/** Gives networks whose subnets others took meanwhile new ones; resolves with whether any moved. */
async function settle(
  { store, bridges, report, seed }: RestoreDeps,
  inUse: ReadonlySet<string>,
  told: Set<string>,
): Promise<boolean> {
  const foreign = await hostSubnets(await bridges.own());
  const { moved, lines } = settleConflicts({ networks: store.all(), foreign, inUse, seed });
  for (const record of moved) {
    await bridges.remove(record);
    store.add(record);
  }
  for (const line of lines) {
    if (!told.has(line)) report(line);
    told.add(line);
  }
  return moved.length > 0;
}

export async function restoreFirewall(
  { store, firewall, foreign, names }: RestoreDeps,
  ports: readonly FirewallPort[],
): Promise<void> {
  const networks = store.all().filter(({ bridge }) => bridge !== '');
  await firewall.apply(renderTable(names.table, networks.map(firewallNetwork), ports));
  for (const { bridge } of networks) await foreign.allow({ bridge });
}

/** Removes every bridge and the table. */
export async function removeKernel({ host, bridges, foreign, names: { table } }: RestoreDeps): Promise<void> {
  const links = (await bridges.own()).map((name) => `link delete ${name}`);
  const batch = { input: `${links.join('\n')}\n`, onFailure: 'return' } as const;
  await Promise.all([
    foreign.clear(),
    host.run('ip', ['-force', '-batch', '-'], batch),
    host.run('nft', ['delete', 'table', 'inet', table], { onFailure: 'return' }),
  ]);
}
