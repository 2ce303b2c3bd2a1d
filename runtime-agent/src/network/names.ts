/** Names in the kernel that belong to one engine: several engines, and real Docker, may share a machine. */
import { createHash, randomBytes } from 'node:crypto';

const DEFAULT_DATA_ROOT = '/var/lib/slipway';

export interface EngineNames {
  /** nftables table of family inet. */
  readonly table: string;
  /** Bridge of the network `bridge`. */
  readonly defaultBridge: string;
}

/** @param dataRoot absolute path; only the default one gets the plain names */
export function engineNames(dataRoot: string): EngineNames {
  if (dataRoot === DEFAULT_DATA_ROOT) return { table: 'slipway', defaultBridge: 'slipway0' };
  const hash = createHash('sha256').update(dataRoot).digest('hex').slice(0, 8);
  return { table: `slipway_${hash}`, defaultBridge: `slip-${hash}` };
}

/** Docker's scheme: people and firewall rules know it. 15 characters, the most that an interface name may have. */
export function bridgeName(networkId: string): string {
  return `br-${networkId.slice(0, 12)}`;
}

/** Docker's kind of id: 64 hex digits. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** Host side of a container's interface. */
export function newVethName(): string {
  return `veth${randomBytes(4).toString('hex').slice(0, 7)}`;
}

/** `02-42-AC-11-00-02` and `0242.ac11.0002` mean the same as `02:42:ac:11:00:02`; undefined for what is none. */
export function parseMac(text: string): string | undefined {
  const one = /^(?:[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i;
  if (!one.test(text)) return undefined;
  return text
    .toLowerCase()
    .replaceAll(/[:.-]/g, '')
    .replaceAll(/..(?=.)/g, '$&:');
}

/** A locally administered address made of the IPv4 one, so that a reused address never meets a stale ARP entry. */
export function macAddress(ipv4: bigint | undefined): string {
  const low = ipv4 === undefined ? randomBytes(4) : Buffer.from(ipv4.toString(16).padStart(8, '0'), 'hex');
  return ['02', '42', ...[...low].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}
