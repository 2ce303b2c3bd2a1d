/** IP addresses and subnets as numbers, so that allocation and overlap are arithmetic (RFC 4291, RFC 5952, RFC 4632). */
import { isIPv4, isIPv6 } from 'node:net';

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

export interface Subnet {
  readonly family: Family;
  /** The first address: host bits are zero. */
  readonly base: bigint;
  /** Length of the prefix in bits. */
  readonly bits: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;

/** @returns undefined when the text is no address (a zone such as `%eth0` is none either) */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: quad(text) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = mapped === null ? undefined : quad(mapped[2] ?? '');
  const plain =
    low === undefined ? text : `${mapped?.[1] ?? ''}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [left = '', right] = plain.split('::');
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0n);
  return { family: 6, value: [...head, ...zeros, ...tail].reduce((sum, group) => (sum << 16n) | group, 0n) };
}

function quad(text: string): bigint {
  return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function groups(text: string): bigint[] {
  return text === '' ? [] : text.split(':').map((group) => BigInt(`0x${group}`));
}

/** RFC 5952 for IPv6: lower case, the longest run of two or more zero groups shortened. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.');
  const parts = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (parts[start + length] === '0') length++;
    if (length > best.length) best = { start, length };
  }
  if (best.length === 1) return parts.join(':');
  return `${parts.slice(0, best.start).join(':')}::${parts.slice(best.start + best.length).join(':')}`;
}

/** Parses `address/bits`, keeping the address as written beside its subnet. */
export function parseCidr(text: string): { readonly address: Address; readonly subnet: Subnet } | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  const bits = Number(match?.[2]);
  if (address === undefined || bits > WIDTH[address.family]) return undefined;
  return { address, subnet: subnetOf(address, bits) };
}

export function subnetOf({ family, value }: Address, bits: number): Subnet {
  const hostBits = BigInt(WIDTH[family] - bits);
  return { family, base: (value >> hostBits) << hostBits, bits };
}

export function formatSubnet({ family, base, bits }: Subnet): string {
  return `${formatAddress({ family, value: base })}/${bits}`;
}

/** Number of addresses in the subnet. */
export function sizeOf({ family, bits }: Subnet): bigint {
  return 1n << BigInt(WIDTH[family] - bits);
}

export function lastOf(subnet: Subnet): bigint {
  return subnet.base + sizeOf(subnet) - 1n;
}

export function contains(subnet: Subnet, { family, value }: Address): boolean {
  return family === subnet.family && value >= subnet.base && value <= lastOf(subnet);
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a);
}
