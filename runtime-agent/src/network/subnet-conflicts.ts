/** Networks whose subnets somebody else on the host uses too, and what they get instead; pure. */
import { formatAddress, formatSubnet, overlaps, parseCidr, type Family, type Subnet } from './address.ts';
import { defaultGateway } from './address-space.ts';
import type { NetworkRecord, RecordedSubnet } from './network-record.ts';
import { pickSubnet, type SubnetSource } from './subnet-pools.ts';

export interface ConflictInput {
  readonly networks: readonly NetworkRecord[];
  /** Subnets of the host's routes and links without those of the engine's own bridges. */
  readonly foreign: readonly Subnet[];
  /** Ids of networks that running containers are on: their addresses cannot change. */
  readonly inUse: ReadonlySet<string>;
  /** What the engine's IPv6 pool is made of. */
  readonly seed: string | SubnetSource;
}

export interface Settlement {
  /** Records with new subnets, to replace those of the same id. */
  readonly moved: readonly NetworkRecord[];
  /** One line for each network that moved, and for each that should have and could not. */
  readonly lines: readonly string[];
}

/** A subnet that the engine chose, with its default gateway; undefined when the pools are used up. */
export function chosenSubnet(
  family: Family,
  taken: readonly Subnet[],
  seed: string | SubnetSource,
): RecordedSubnet | undefined {
  const subnet = pickSubnet(family, taken, seed);
  if (subnet === undefined) return undefined;
  const gateway = formatAddress(defaultGateway(subnet, undefined, []));
  return { family, subnet: formatSubnet(subnet), gateway, auxiliary: {}, configured: false };
}

export function subnetsOf(networks: readonly NetworkRecord[]): Subnet[] {
  return networks.flatMap(({ subnets }) => subnets.flatMap(({ subnet }) => parseCidr(subnet)?.subnet ?? []));
}

/** Whether the network has a subnet that the engine chose and that another one on the host overlaps. */
export function mustMove({ subnets }: NetworkRecord, foreign: readonly Subnet[]): boolean {
  return subnets.some((one) => !one.configured && rivalOf(one, foreign) !== undefined);
}

export function settleConflicts({ networks, foreign, inUse, seed }: ConflictInput): Settlement {
  const moved: NetworkRecord[] = [];
  const lines: string[] = [];
  const taken = [...foreign, ...subnetsOf(networks)];
  for (const network of networks) {
    let now = network;
    for (const old of network.subnets) {
      const rival = rivalOf(old, foreign);
      if (rival === undefined) continue;
      const fixed = old.configured || inUse.has(network.id);
      const fresh = fixed ? undefined : chosenSubnet(old.family, taken, seed);
      if (fresh === undefined) {
        lines.push(keptLine(network, old, rival, inUse.has(network.id)));
        continue;
      }
      taken.push(...subnetsOf([{ ...network, subnets: [fresh] }]));
      now = withSubnet(now, old, fresh);
      lines.push(
        `network ${network.name}: ${formatSubnet(rival)} is another network of this host now, so its subnet ${old.subnet} becomes ${fresh.subnet}`,
      );
    }
    if (now !== network) moved.push(now);
  }
  return { moved, lines };
}

function rivalOf({ subnet }: RecordedSubnet, foreign: readonly Subnet[]): Subnet | undefined {
  const own = parseCidr(subnet)?.subnet;
  return own && foreign.find((other) => overlaps(own, other));
}

function keptLine(
  { name }: NetworkRecord,
  { subnet, configured }: RecordedSubnet,
  rival: Subnet,
  used: boolean,
): string {
  const advice = configured
    ? 'create the network again with another subnet'
    : used
      ? 'stop its containers and start the engine again, and it gets another subnet'
      : 'the address pools are used up: remove networks, and start the engine again';
  return `warning: network ${name}: its subnet ${subnet} overlaps ${formatSubnet(rival)}, another network of this host: its containers may reach nothing outside; ${advice}`;
}

function withSubnet(network: NetworkRecord, old: RecordedSubnet, fresh: RecordedSubnet): NetworkRecord {
  const subnets = network.subnets.map((one) => (one.subnet === old.subnet ? fresh : one));
  const shown = (network.shown ?? []).map((one) =>
    one.Subnet === old.subnet ? { Subnet: fresh.subnet, Gateway: fresh.gateway } : one,
  );
  return { ...network, subnets, shown };
}
