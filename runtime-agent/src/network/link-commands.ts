/** What `ip -batch -` is told (ip(8)); pure. Names and addresses have been validated by who made the records. */

export interface BridgeSpec {
  readonly name: string;
  /** Addresses with prefix length that the host has on the bridge. */
  readonly addresses: readonly string[];
  readonly mtu: number;
  /** Fixed: else the kernel changes it with the ports, and containers send to the address of before. */
  readonly mac: string;
  /** Mark by which an engine knows its bridges again. */
  readonly alias: string;
}

export interface EndpointLink {
  readonly bridge: string;
  readonly veth: string;
  readonly ifname: string;
  readonly mac: string;
  /** With prefix length. */
  readonly ipv4: string | undefined;
  readonly ipv6: string | undefined;
  /** As ip(8) adds them. */
  readonly linkLocal?: readonly string[];
  readonly mtu: number;
  /** Containers of the network do not reach one another (enable_icc=false). */
  readonly isolated: boolean;
  /** Frames may leave through the port they came in by. */
  readonly hairpin: boolean;
}

export interface DefaultRoute {
  readonly family: 4 | 6;
  readonly gateway: string;
  readonly ifname: string;
}

export function makeBridge({ name, addresses, mtu, mac, alias }: BridgeSpec): string[] {
  const ipv6 = addresses.some((address) => address.includes(':'));
  return [
    `link add name ${name} address ${mac} type bridge`,
    `link set dev ${name} alias ${alias}`,
    // Without IPv6 no link-local address: its containers could reach the host past the network's settings. With it, one
    // that needs no second of duplicate detection, in which the host could not ask for its containers' neighbours.
    `link set dev ${name} addrgenmode none`,
    ...(ipv6 ? [`address add fe80::1/64 dev ${name} nodad`] : []),
    `link set dev ${name} mtu ${mtu}`,
    ...addresses.map((address) => `address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`),
    `link set dev ${name} up`,
  ];
}

/** Lets the bridge send frames back to the port that they came from. */
export function reflect(veth: string): string {
  return `link set dev ${veth} type bridge_slave hairpin on`;
}

/** Puts the host side of an existing pair on its bridge. */
export function attach({ bridge, veth, isolated, hairpin, mtu }: EndpointLink): string[] {
  const flags = [...(hairpin ? ['hairpin on'] : []), ...(isolated ? ['isolated on'] : [])];
  return [
    `link set dev ${veth} addrgenmode none`,
    `link set dev ${veth} mtu ${mtu}`,
    `link set dev ${veth} master ${bridge} up`,
    ...(flags.length === 0 ? [] : [`link set dev ${veth} type bridge_slave ${flags.join(' ')}`]),
  ];
}

/** Makes the pair; `netns` is a file. Docker's interface names may be wished for, so the peer has its name from birth. */
export function makePair({ veth, ifname }: EndpointLink, netns: string): string {
  return `link add ${veth} type veth peer name ${ifname} netns ${netns}`;
}

/** Inside the container's namespace. */
export function configure({ ifname, mac, ipv4, ipv6, linkLocal = [], mtu }: EndpointLink): string[] {
  return [
    `link set dev ${ifname} address ${mac}`,
    `link set dev ${ifname} mtu ${mtu}`,
    ...(ipv4 === undefined ? [] : [`address add ${ipv4} broadcast + dev ${ifname}`]),
    ...(ipv6 === undefined ? [] : [`address add ${ipv6} dev ${ifname} nodad`]),
    ...linkLocal.map((address) => `address add ${address} dev ${ifname}`),
    `link set dev ${ifname} up`,
  ];
}

export function route({ family, gateway, ifname }: DefaultRoute): string {
  return `route replace ${family === 4 ? '0.0.0.0/0' : '::/0'} via ${gateway} dev ${ifname}`;
}
