/** Puts a sandbox's endpoints into the kernel: links, addresses, routes, and the way to the engine's resolver. */
import type { Host } from '../host/host.ts';
import { attach, configure, type EndpointLink, makePair, route } from './link-commands.ts';
import { bridgeOptions } from './network-record.ts';
import { INTERNAL_NAMESERVER } from './resolv-conf.ts';
import { type EndpointState, gatewayEndpoint } from './sandbox-state.ts';

export interface ResolverTarget {
  readonly address: string;
  readonly port: number;
}

export interface Wiring {
  /** Attaches all endpoints; the first one's interface is there already when `wired`. */
  connect(netns: string, endpoints: readonly EndpointState[], wired: boolean): Promise<void>;
  /** Attaches one more endpoint and sets the default routes anew. */
  add(netns: string, endpoint: EndpointState, all: readonly EndpointState[]): Promise<void>;
  /** Removes an endpoint's interface and sets the default routes anew. */
  remove(netns: string, endpoint: EndpointState, left: readonly EndpointState[]): Promise<void>;
  /** Leads 127.0.0.11 to the engine's resolver. */
  redirectResolver(netns: string, target: ResolverTarget): Promise<void>;
}

export function createWiring(host: Host, hairpin: () => Promise<boolean>): Wiring {
  const ip = async (commands: readonly string[]): Promise<void> => {
    if (commands.length > 0) await host.run('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
  };
  const inside = async (netns: string, script: string, input: string): Promise<void> => {
    await host.run('nsenter', [`--net=${netns}`, ...(script === '' ? ['ip', '-batch', '-'] : ['sh', '-c', script])], {
      input,
    });
  };

  async function configureAll(netns: string, fresh: readonly EndpointState[], all: readonly EndpointState[]) {
    const commands = [...fresh.flatMap((endpoint) => configure(linkOf(endpoint, false))), ...routes(all)];
    const switches = fresh.flatMap(ipv6Switch);
    const script = switches.length === 0 ? '' : `${switches.join('\n')}\nexec ip -batch -`;
    await inside(netns, script, `${commands.join('\n')}\n`);
  }

  return {
    async connect(netns, endpoints, wired) {
      const reflect = await hairpin();
      const made = wired ? endpoints.slice(1) : endpoints;
      const commands = [
        ...made.map((endpoint) => makePair(linkOf(endpoint, reflect), netns)),
        ...endpoints.flatMap((endpoint) => attach(linkOf(endpoint, reflect))),
      ];
      // With the interface there already, both sides are set at the same time.
      if (made.length > 0) await ip(commands);
      await Promise.all([...(made.length > 0 ? [] : [ip(commands)]), configureAll(netns, endpoints, endpoints)]);
    },
    async add(netns, endpoint, all) {
      const link = linkOf(endpoint, await hairpin());
      await ip([makePair(link, netns), ...attach(link)]);
      await configureAll(netns, [endpoint], all);
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
  const { network, veth, ifname, mac, ipv4, ipv6 } = endpoint;
  const { mtu, icc } = bridgeOptions(network);
  return {
    bridge: network.bridge,
    veth,
    ifname,
    mac,
    ipv4: ipv4 && `${ipv4.address}/${ipv4.bits}`,
    ipv6: ipv6 && `${ipv6.address}/${ipv6.bits}`,
    mtu,
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

/**
 * route_localnet makes 127.0.0.0/8 routable, which the reply's way back needs; the guard keeps the container's own
 * loopback services unreachable from its networks (a reply arrives with the interface's address, not with 127.x).
 */
function resolverRules({ address, port }: ResolverTarget): string {
  return `table ip slipway_resolver {}
delete table ip slipway_resolver
table ip slipway_resolver {
	chain guard {
		type filter hook prerouting priority raw; policy accept;
		iifname != "lo" ip daddr 127.0.0.0/8 drop
	}
	chain output {
		type nat hook output priority -100; policy accept;
		ip daddr ${INTERNAL_NAMESERVER} udp dport 53 dnat to ${address}:${port}
		ip daddr ${INTERNAL_NAMESERVER} tcp dport 53 dnat to ${address}:${port}
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 127.0.0.0/8 ip daddr ${address} masquerade
	}
}
`;
}
