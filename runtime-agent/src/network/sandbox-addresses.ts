/** Gives a sandbox's addresses back to their networks, or marks them as given. */
import { type Address, parseAddress } from './address.ts';
import type { AddressSpace } from './address-space.ts';
import type { NetworkStore } from './network-store.ts';
import type { EndpointState } from './sandbox-state.ts';

export function releaseAddresses(store: NetworkStore, endpoint: EndpointState): void {
  for (const [space, address] of held(store, endpoint)) space.release(address);
}

export function takeAddresses(store: NetworkStore, endpoint: EndpointState): void {
  for (const [space, address] of held(store, endpoint)) space.take(address);
}

/** Nothing on a network that is gone. */
function held(store: NetworkStore, { network, ipv4, ipv6 }: EndpointState): [AddressSpace, Address][] {
  if (!store.has(network.id)) return [];
  return [ipv4, ipv6].flatMap((one) => {
    const address = one && parseAddress(one.address);
    const space = store.spaces(network).find(({ subnet }) => subnet.family === address?.family);
    return address === undefined || space === undefined ? [] : [[space, address] as [AddressSpace, Address]];
  });
}
