/** The containers of a network, as its inspect shows them; pure. */
import type { AttachedContainers, NetworkRecord } from './network-record.ts';
import { specialEndpointId, type SandboxState } from './sandbox-state.ts';

export function attachedContainers(network: NetworkRecord, states: Iterable<SandboxState>): AttachedContainers {
  const found: AttachedContainers = {};
  for (const state of states) {
    const { containerId, containerName, mode } = state.request;
    if (network.driver !== 'bridge' && mode === network.name) {
      const plain = { MacAddress: '', IPv4Address: '', IPv6Address: '' };
      found[containerId] = { Name: containerName, EndpointID: specialEndpointId(state), ...plain };
    }
    const endpoint = state.endpoints.find((one) => one.network.id === network.id);
    if (endpoint === undefined) continue;
    const { endpointId, mac, ipv4, ipv6 } = endpoint;
    found[containerId] = {
      Name: containerName,
      EndpointID: endpointId,
      MacAddress: mac,
      IPv4Address: ipv4 === undefined ? '' : `${ipv4.address}/${ipv4.bits}`,
      IPv6Address: ipv6 === undefined ? '' : `${ipv6.address}/${ipv6.bits}`,
    };
  }
  return found;
}
