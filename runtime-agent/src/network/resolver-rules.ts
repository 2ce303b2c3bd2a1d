/** The nftables rules inside a container's namespace that lead 127.0.0.11 to the engine's resolver. */
import { INTERNAL_NAMESERVER } from './resolv-conf.ts';

export interface ResolverTarget {
  readonly address: string;
  readonly port: number;
}

/**
 * Replaces earlier rules. Flushed, not deleted: taking hooks away costs 15 ms of waiting in the kernel.
 *
 * route_localnet makes 127.0.0.0/8 routable, which the reply's way back needs; the guard keeps the container's own
 * loopback services unreachable from its networks (a reply arrives with the interface's address, not with 127.x).
 */
export function resolverRules({ address, port }: ResolverTarget): string {
  return `add table ip slipway_resolver
flush table ip slipway_resolver
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
