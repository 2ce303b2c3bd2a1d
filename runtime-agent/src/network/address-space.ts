/** The addresses of one subnet: the lowest free one is given, as Docker does. Held in memory; sandboxes are the record. */
import { type Address, contains, type Subnet, sizeOf } from './address.ts';

export interface AddressSpace {
  readonly subnet: Subnet;
  /** @returns undefined when all are given */
  allocate(): Address | undefined;
  /** Takes this very address; false when it is given, reserved, or outside the subnet. */
  take(address: Address): boolean;
  release(address: Address): void;
}

interface SpaceOptions {
  readonly subnet: Subnet;
  /** Part of the subnet to allocate from; all of it by default. */
  readonly range?: Subnet | undefined;
  /** Never given: gateway and auxiliary addresses. */
  readonly reserved: readonly Address[];
}

export function createAddressSpace({ subnet, range = subnet, reserved }: SpaceOptions): AddressSpace {
  const used = new Set<bigint>(reserved.map(({ value }) => value));
  for (const value of unusable(subnet)) used.add(value);
  // Below this one every address of the range is given: a full /16 is not searched from its start each time.
  let lowest = range.base;
  const end = range.base + sizeOf(range);
  return {
    subnet,
    allocate() {
      while (lowest < end && used.has(lowest)) lowest++;
      if (lowest >= end) return undefined;
      used.add(lowest);
      return { family: subnet.family, value: lowest };
    },
    take(address) {
      if (!contains(subnet, address) || used.has(address.value)) return false;
      used.add(address.value);
      return true;
    },
    release({ value }) {
      if (reserved.some((address) => address.value === value)) return;
      if (used.delete(value) && value >= range.base && value < lowest) lowest = value;
    },
  };
}

/** Network and broadcast address (IPv4), subnet-router anycast address (IPv6, RFC 4291 2.6.1); none in /31, /32, /127. */
function unusable(subnet: Subnet): bigint[] {
  const size = sizeOf(subnet);
  if (size <= 2n) return [];
  return subnet.family === 4 ? [subnet.base, subnet.base + size - 1n] : [subnet.base];
}

/** The gateway of a subnet that does not name one: its first usable address that no auxiliary one takes. */
export function defaultGateway(subnet: Subnet, range: Subnet | undefined, reserved: readonly Address[]): Address {
  const space = createAddressSpace({ subnet, range, reserved });
  return space.allocate() ?? { family: subnet.family, value: subnet.base };
}
