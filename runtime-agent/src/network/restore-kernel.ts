/** Brings the kernel to what the records say, when the engine starts. */
import { readdir, readFile } from 'node:fs/promises';
import type { Host } from '../host/host.ts';
import { type Bridges, firewallNetwork } from './bridges.ts';
import type { Firewall } from './firewall.ts';
import type { ForeignFirewall } from './foreign-firewall.ts';
import { type FirewallPort, renderTable } from './firewall-ruleset.ts';
import { hostMtu, hostSubnets } from './host-subnets.ts';
import type { EngineNames } from './names.ts';
import type { NetworkStore } from './network-store.ts';
import { predefinedNetworks } from './predefined-networks.ts';
import { withSubnetLock } from './subnet-lock.ts';

export interface RestoreDeps {
  readonly host: Host;
  readonly store: NetworkStore;
  readonly bridges: Bridges;
  readonly firewall: Firewall;
  readonly foreign: ForeignFirewall;
  readonly names: EngineNames;
}

/** Records of the predefined networks, and every bridge. Bridges of ours that no record knows are removed. */
export async function restoreBridges({ host, store, bridges, names }: RestoreDeps): Promise<void> {
  await withSubnetLock(async () => {
    const [subnets, mtu] = await Promise.all([hostSubnets(), hostMtu()]);
    const input = { existing: store.all(), hostSubnets: subnets, mtu, now: new Date().toISOString() };
    for (const record of predefinedNetworks({ ...input, defaultBridge: names.defaultBridge })) store.add(record);
    await bridges.make(store.all());
  });
  const known = new Set(store.all().map(({ bridge }) => bridge));
  const stray = (await ownBridges(names.table)).filter((name) => !known.has(name));
  for (const name of stray) await host.run('ip', ['link', 'delete', name], { onFailure: 'return' });
}

export async function restoreFirewall(
  { store, firewall, foreign, names }: RestoreDeps,
  ports: readonly FirewallPort[],
): Promise<void> {
  const networks = store.all().filter(({ bridge }) => bridge !== '');
  await firewall.apply(renderTable(names.table, networks.map(firewallNetwork), ports));
  for (const { bridge } of networks) await foreign.allow({ bridge });
}

/** Interfaces that carry the engine's mark as their alias (see makeBridge). */
async function ownBridges(table: string): Promise<string[]> {
  const links = await readdir('/sys/class/net').catch(() => []);
  const aliases = await Promise.all(
    links.map((name) => readFile(`/sys/class/net/${name}/ifalias`, 'utf8').catch(() => '')),
  );
  return links.filter((_, i) => aliases[i]?.trim() === table);
}

/** Removes every bridge and the table. */
export async function removeKernel({ host, foreign, names: { table } }: RestoreDeps): Promise<void> {
  const links = (await ownBridges(table)).map((name) => `link delete ${name}`);
  const batch = { input: `${links.join('\n')}\n`, onFailure: 'return' } as const;
  await Promise.all([
    foreign.clear(),
    host.run('ip', ['-force', '-batch', '-'], batch),
    host.run('nft', ['delete', 'table', 'inet', table], { onFailure: 'return' }),
  ]);
}
