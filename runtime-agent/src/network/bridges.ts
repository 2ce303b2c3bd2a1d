/** The networks' bridges on the host, and the kernel settings they need. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { parseAddress } from './address.ts';
import type { FirewallNetwork } from './firewall-ruleset.ts';
import { makeBridge } from './link-commands.ts';
import { macAddress } from './names.ts';
import { bridgeOptions, type NetworkRecord } from './network-record.ts';

export interface Bridges {
  /** Makes the bridges that are missing, all in one go. */
  make(networks: readonly NetworkRecord[]): Promise<void>;
  remove(network: NetworkRecord): Promise<void>;
  /** Interfaces that carry the engine's mark. */
  own(): Promise<readonly string[]>;
}

const IPV4 = '/proc/sys/net/ipv4';
const IPV6 = '/proc/sys/net/ipv6/conf';

/** @param alias mark of this engine's bridges */
export function createBridges(host: Host, alias: string): Bridges {
  const aliasOf = (name: string): Promise<string | undefined> =>
    readFile(`/sys/class/net/${name}/ifalias`, 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    );

  async function missing(networks: readonly NetworkRecord[]): Promise<NetworkRecord[]> {
    const present = await Promise.all(networks.map(({ bridge }) => aliasOf(bridge)));
    const foreign = networks.find((_, i) => present[i] !== undefined && present[i] !== alias);
    if (foreign !== undefined) {
      const text = `the interface ${foreign.bridge} exists already and is not the engine's: choose another bridge name for the network ${foreign.name}`;
      throw new EngineError('conflict', text);
    }
    return networks.filter((_, i) => present[i] === undefined);
  }
  return {
    async make(all) {
      const networks = all.filter(({ bridge }) => bridge !== '');
      const wanted = await missing(networks);
      const commands = wanted.flatMap((network) =>
        makeBridge({
          name: network.bridge,
          addresses: hostAddresses(network),
          mtu: network.mtu,
          mac: bridgeMac(network),
          alias,
        }),
      );
      if (commands.length > 0) await host.run('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
      await allowForwarding(networks);
    },
    async remove(network) {
      if (network.bridge === '' || (await aliasOf(network.bridge)) !== alias) return;
      await host.run('ip', ['link', 'delete', network.bridge], { onFailure: 'return' });
    },
    own: async () => {
      const links = await readdir('/sys/class/net').catch(() => []);
      const aliases = await Promise.all(links.map(aliasOf));
      return links.filter((_, i) => aliases[i] === alias);
    },
  };
}

/** The host's own addresses on the network: its gateways. */
function hostAddresses({ subnets }: NetworkRecord): string[] {
  return subnets.map(({ subnet, gateway }) => `${gateway}/${subnet.split('/')[1] ?? ''}`);
}

function bridgeMac({ id, subnets }: NetworkRecord): string {
  const gateway = parseAddress(subnets.find(({ family }) => family === 4)?.gateway ?? '');
  return macAddress(gateway?.value ?? BigInt(`0x${id.slice(0, 8)}`));
}

async function allowForwarding(networks: readonly NetworkRecord[]): Promise<void> {
  await setOnce(`${IPV4}/ip_forward`, '1');
  // Lets the host's loopback reach published ports; the firewall keeps containers from using it the other way.
  await Promise.all(networks.map(({ bridge }) => setOnce(`${IPV4}/conf/${bridge}/route_localnet`, '1')));
  if (!networks.some(({ enableIPv6 }) => enableIPv6)) return;
  await keepRouterAdvertisements();
  await setOnce(`${IPV6}/all/forwarding`, '1');
}

/** A forwarding host stops listening to router advertisements, and loses its own IPv6 route, unless told not to. */
async function keepRouterAdvertisements(): Promise<void> {
  if ((await readFile(`${IPV6}/all/forwarding`, 'utf8').catch(() => '1')).trim() !== '0') return;
  const routes = await readFile('/proc/net/ipv6_route', 'utf8').catch(() => '');
  const learning = new Set(
    routes
      .split('\n')
      .filter((line) => line.startsWith('0'.repeat(32)) && !line.trimEnd().endsWith(' lo'))
      .map((line) => line.trim().split(/\s+/).at(-1) ?? ''),
  );
  for (const name of learning) {
    const file = `${IPV6}/${name}/accept_ra`;
    if ((await readFile(file, 'utf8').catch(() => '')).trim() === '1') await setOnce(file, '2');
  }
}

async function setOnce(file: string, value: string): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => undefined);
  if (now !== undefined && now.trim() !== value) await writeFile(file, value);
}

/** What the firewall must know of a network. */
export function firewallNetwork(network: NetworkRecord): FirewallNetwork {
  const { bridge, internal, subnets } = network;
  const masquerade = !internal && bridgeOptions(network).masquerade;
  return { bridge, internal, subnets: subnets.map(({ subnet }) => subnet), masquerade };
}
