/** Which subnet a network gets that does not name one: Docker's default pools, in its order. */
import { createHash } from 'node:crypto';
import { type Family, overlaps, parseCidr, type Subnet } from './address.ts';

interface Pool {
  readonly subnet: Subnet;
  /** Prefix length of the subnets cut from the pool. */
  readonly bits: number;
}

/** What the engine chooses subnets from. */
export interface SubnetSource {
  /** What the IPv6 pool is made of. */
  readonly seed: string;
  /** Configured pools of either family, `10.10.0.0/16` in subnets of `size` bits; none: Docker's default ones. */
  readonly pools: readonly { readonly base: string; readonly size: number }[];
}

const IPV4_POOLS: readonly Pool[] = [
  pool('172.17.0.0/16', 16),
  pool('172.18.0.0/15', 16),
  pool('172.20.0.0/14', 16),
  pool('172.24.0.0/14', 16),
  pool('172.28.0.0/14', 16),
  pool('192.168.0.0/16', 20),
];
/** 2^16 subnets to search at most, whatever the pool's size. */
const SEARCH_LIMIT = 65_536;

function pool(text: string, bits: number): Pool {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`bad pool ${text}`);
  return { subnet: parsed.subnet, bits };
}

/** A unique local /48 (RFC 4193) that stays the same for one engine on one machine. */
function ulaPool(seed: string): Pool {
  const hex = createHash('sha256').update(seed).digest('hex');
  return pool(`fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}::/48`, 64);
}

/**
 * The first free subnet of the default pools.
 * @param taken subnets of the host's routes and addresses and of all networks
 * @param source what the IPv6 pool is made of, alone or with configured pools
 * @returns undefined when all pools are used up
 */
export function pickSubnet(
  family: Family,
  taken: readonly Subnet[],
  source: string | SubnetSource,
): Subnet | undefined {
  for (const { subnet, bits } of poolsOf(family, source)) {
    const step = 1n << BigInt((family === 4 ? 32 : 128) - bits);
    const count = Math.min(2 ** Math.min(bits - subnet.bits, 20), SEARCH_LIMIT);
    for (let i = 0; i < count; i++) {
      const candidate: Subnet = { family, base: subnet.base + BigInt(i) * step, bits };
      if (!taken.some((other) => overlaps(candidate, other))) return candidate;
    }
  }
  return undefined;
}

function poolsOf(family: Family, source: string | SubnetSource): readonly Pool[] {
  const { seed, pools } = typeof source === 'string' ? { seed: source, pools: [] } : source;
  const configured = pools.map(({ base, size }) => pool(base, size)).filter(({ subnet }) => subnet.family === family);
  if (configured.length > 0) return configured;
  return family === 4 ? IPV4_POOLS : [ulaPool(seed)];
}
