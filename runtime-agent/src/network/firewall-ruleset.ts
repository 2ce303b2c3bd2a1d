/**
 * The engine's nftables table as text for `nft -f`. Rules are fixed; networks and published ports are elements of its
 * sets and maps, so that a container costs one small transaction whatever the number of others (nft(8), SETS, MAPS).
 */
import { isIPv6 } from 'node:net';

export interface FirewallNetwork {
  readonly bridge: string;
  readonly internal: boolean;
  readonly subnets: readonly string[];
  /** Whether its traffic leaves with the host's address. */
  readonly masquerade: boolean;
}

export interface FirewallPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `0.0.0.0` and `::` mean every address of that family. */
  readonly hostIp: string;
  readonly hostPort: number;
  /** Of the same family as hostIp. */
  readonly targetIp: string;
  readonly targetPort: number;
}

type Change = 'add' | 'delete';

// Bridged traffic (bridge-nf-call-iptables) passes postrouting without an incoming interface: only oifname serves there.
const RULES = `
	chain guard {
		type filter hook prerouting priority raw; policy accept;
		iifname @bridges ip daddr 127.0.0.0/8 drop comment "route_localnet is for the host's own traffic"
	}
	chain publish {
		dnat ip to meta l4proto . ip daddr . th dport map @publish4
		dnat ip to meta l4proto . th dport map @publish4_any
		dnat ip6 to meta l4proto . ip6 daddr . th dport map @publish6
		dnat ip6 to meta l4proto . th dport map @publish6_any
	}
	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		ip daddr 127.0.0.0/8 return comment "a neighbour does not reach what is published on loopback"
		fib daddr type local jump publish
	}
	chain output {
		type nat hook output priority -100; policy accept;
		ip6 daddr ::1 return comment "cannot be routed: the engine's own listener answers"
		fib daddr type local jump publish
	}
	chain inward {
		ct state established,related accept
		ct status dnat accept
		drop
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		iifname . oifname @same accept
		iifname @internal drop
		oifname @internal drop
		oifname @bridges jump inward
	}
	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 127.0.0.0/8 oifname @bridges masquerade
		ct status dnat ip saddr @subnets4 oifname @bridges masquerade comment "published port reached from a container"
		ct status dnat ip6 saddr @subnets6 oifname @bridges masquerade
		ip saddr @masquerade4 oifname != @bridges masquerade
		ip6 saddr @masquerade6 oifname != @bridges masquerade
	}
`;

const SETS = `
	set bridges { type ifname; }
	set internal { type ifname; }
	set same { type ifname . ifname; }
	set subnets4 { type ipv4_addr; flags interval; }
	set subnets6 { type ipv6_addr; flags interval; }
	set masquerade4 { type ipv4_addr; flags interval; }
	set masquerade6 { type ipv6_addr; flags interval; }
	map publish4 { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service; }
	map publish4_any { type inet_proto . inet_service : ipv4_addr . inet_service; }
	map publish6 { type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service; }
	map publish6_any { type inet_proto . inet_service : ipv6_addr . inet_service; }
`;

/** Replaces the whole table in one transaction: there is no moment without it. */
export function renderTable(
  table: string,
  networks: readonly FirewallNetwork[],
  ports: readonly FirewallPort[],
): string {
  return [
    `table inet ${table} {}`,
    `delete table inet ${table}`,
    `table inet ${table} {${SETS}${RULES}}`,
    ...networks.map((network) => renderNetwork(table, 'add', network)),
    renderPorts(table, 'add', ports),
  ].join('\n');
}

export function renderNetwork(table: string, change: Change, network: FirewallNetwork): string {
  const { bridge, internal, subnets, masquerade } = network;
  const lines = [
    element(table, change, 'bridges', `"${bridge}"`),
    element(table, change, 'same', `"${bridge}" . "${bridge}"`),
    ...(internal ? [element(table, change, 'internal', `"${bridge}"`)] : []),
    ...subnets.flatMap((subnet) => {
      const family = subnet.includes(':') ? '6' : '4';
      const sets = masquerade ? ['subnets', 'masquerade'] : ['subnets'];
      return sets.map((set) => element(table, change, `${set}${family}`, subnet));
    }),
  ];
  return lines.join('\n');
}

export function renderPorts(table: string, change: Change, ports: readonly FirewallPort[]): string {
  return ports.map((port) => element(table, change, ...portElement(port))).join('\n');
}

function portElement({ protocol, hostIp, hostPort, targetIp, targetPort }: FirewallPort): [string, string] {
  const target = `${targetIp} . ${targetPort}`;
  const any = hostIp === '0.0.0.0' || hostIp === '::';
  const map = `publish${isIPv6(hostIp) ? '6' : '4'}${any ? '_any' : ''}`;
  return [map, `${protocol} . ${any ? '' : `${hostIp} . `}${hostPort} : ${target}`];
}

function element(table: string, change: Change, set: string, value: string): string {
  return `${change} element inet ${table} ${set} { ${value} }`;
}
