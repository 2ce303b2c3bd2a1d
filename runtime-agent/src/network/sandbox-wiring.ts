/** Puts a sandbox's endpoints into the kernel: links, addresses, routes, and the way to the engine's resolver. */
import { createBatches } from '../host/batches.ts';
import type { Host } from '../host/host.ts';
import { linkLocalAddresses, sysctlScript } from './endpoint-extras.ts';
import { attach, configure, type EndpointLink, makePair, reflect, route } from './link-commands.ts';
import type { Namespaces } from './namespaces.ts';
import { bridgeOptions } from './network-record.ts';
import { type ResolverTarget, resolverRules } from './resolver-rules.ts';
import { type EndpointState, gatewayEndpoint } from './sandbox-state.ts';

export interface Wiring {
  /** A new namespace with an endpoint that is called eth0 and has no IPv6. */
  make(endpoint: EndpointState, userNamespace?: string): Promise<string>;
  /** Makes the eth0 that is connected as `from` another endpoint. */
  convert(netns: string, from: EndpointState, to: EndpointState): Promise<void>;
  /** For an endpoint made in advance: whether bridges are filtered may have changed since. */
  refresh(endpoint: EndpointState): Promise<void>;
  /** Attaches more endpoints and sets the default routes anew. */
  add(netns: string, more: readonly EndpointState[], all: readonly EndpointState[]): Promise<void>;
  /** Removes an endpoint's interface and sets the default routes anew. */
  remove(netns: string, endpoint: EndpointState, left: readonly EndpointState[]): Promise<void>;
  /** Leads 127.0.0.11 to the engine's resolver. */
  redirectResolver(netns: string, target: ResolverTarget): Promise<void>;
}

interface WiringDeps {
  readonly host: Host;
  readonly namespaces: Namespaces;
  /** Whether bridged traffic passes the firewall: then a container calls its own published port through its own port. */
  readonly hairpin: () => Promise<boolean>;
}

export function createWiring({ host, namespaces, hairpin }: WiringDeps): Wiring {
  const ip = async (commands: readonly string[]): Promise<void> => {
    await host.runShort('ip', ['-batch', '-'], `${commands.join('\n')}\n`);
  };
  // Setting what is set already does no harm: pairs that are to be attached at the same moment share a program.
  const attachments = createBatches<readonly string[]>((lists) => ip(lists.flat()));
  const inside = async (netns: string, script: string, input: string): Promise<void> => {
    const command = script === '' ? ['ip', '-batch', '-'] : ['sh', '-c', script];
    await host.runShort('nsenter', [`--net=${netns}`, ...command], input);
  };
  const ipInside = (netns: string, fresh: readonly EndpointState[], commands: readonly string[]): Promise<void> => {
    const switches = fresh.flatMap((endpoint) => [
      ...ipv6Switch(endpoint),
      ...sysctlScript(endpoint.ifname, endpoint.wishes),
    ]);
    const script = switches.length === 0 ? '' : `${switches.join('\n')}\nexec ip -batch -`;
    return inside(netns, script, `${commands.join('\n')}\n`);
  };

  /** Host sides of pairs that were made to reflect, and have not been used since. */
  const reflecting = new Set<string>();

  return {
    async make(endpoint, userNamespace) {
      const link = linkOf(endpoint, await hairpin());
      const commands = [...configure(link), ...routes([endpoint])];
      const netns = await namespaces.make({ veth: link.veth, commands }, userNamespace);
      try {
        await attachments.add(attach(link));
        if (link.hairpin) reflecting.add(link.veth);
      } catch (error) {
        await namespaces.remove(netns, [link.veth]);
        throw error;
      }
      return netns;
    },
    async convert(netns, from, to) {
      const link = linkOf(to, await hairpin());
      reflecting.delete(link.veth);
      const clear = [`link set dev ${from.ifname} down`, `address flush dev ${from.ifname} scope global`];
      const commands = [...clear, ...configure(link), ...routes([to])];
      await Promise.all([attachments.add(attach(link)), ipInside(netns, [to], commands)]);
    },
    async refresh({ veth }) {
      if (!reflecting.delete(veth) && (await hairpin())) await ip([reflect(veth)]);
    },
    async add(netns, more, all) {
      const filtered = await hairpin();
      const links = more.map((endpoint) => linkOf(endpoint, filtered));
      await ip(links.flatMap((link) => [makePair(link, netns), ...attach(link)]));
      await ipInside(netns, more, [...links.flatMap(configure), ...routes(all)]);
    },
    async remove(netns, endpoint, left) {
      await inside(netns, '', `${[`link delete dev ${endpoint.ifname}`, ...routes(left)].join('\n')}\n`);
    },
    async redirectResolver(netns, target) {
      const script = 'nft -f - && echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet';
      await inside(netns, script, resolverRules(target));
    },
  };
}

function linkOf(endpoint: EndpointState, hairpin: boolean): EndpointLink {
  const { network, veth, ifname, mac, ipv4, ipv6, wishes } = endpoint;
  const { icc } = bridgeOptions(network);
  return {
    bridge: network.bridge,
    veth,
    ifname,
    mac,
    ipv4: ipv4 && `${ipv4.address}/${ipv4.bits}`,
    ipv6: ipv6 && `${ipv6.address}/${ipv6.bits}`,
    linkLocal: linkLocalAddresses(wishes),
    mtu: network.mtu,
    isolated: !icc,
    hairpin,
  };
}

function routes(endpoints: readonly EndpointState[]): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const endpoint = gatewayEndpoint(endpoints, family);
    const address = family === 4 ? endpoint?.ipv4 : endpoint?.ipv6;
    if (endpoint === undefined || address === undefined) return [];
    return [route({ family, gateway: address.gateway, ifname: endpoint.ifname })];
  });
}

/** As Docker: no IPv6, not even link-local, where the network has none. eth0 is born without (see namespaces.ts). */
function ipv6Switch({ ifname, ipv6 }: EndpointState): string[] {
  const file = `/proc/sys/net/ipv6/conf/${ifname}`;
  if (ipv6 !== undefined) {
    // Neighbours that knew the address with another link-layer address hear of the new one.
    return [`echo 0 >${file}/disable_ipv6`, `echo 1 >${file}/ndisc_notify`];
  }
  return ifname === 'eth0' ? [] : [`[ ! -e ${file} ] || echo 1 >${file}/disable_ipv6`];
}
