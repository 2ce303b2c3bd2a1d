/** What the engine keeps of a container's open network: enough to serve it, and to take it over or remove it later. */
import { createHash } from 'node:crypto';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { FirewallPort } from './firewall-ruleset.ts';
import { bridgeOptions, type NetworkRecord } from './network-record.ts';
import type { SandboxRequest } from './networks.ts';
import type { Target } from './port-proxy.ts';
import type { PublishedPort } from './port-reservations.ts';

export interface InterfaceAddress {
  readonly address: string;
  readonly bits: number;
  /** '' on internal networks, which lead nowhere. */
  readonly gateway: string;
}

export interface EndpointState {
  readonly network: NetworkRecord;
  readonly endpointId: string;
  /** What the user asked for. */
  readonly wishes: EndpointSettings;
  readonly ifname: string;
  readonly veth: string;
  readonly mac: string;
  readonly ipv4: InterfaceAddress | undefined;
  readonly ipv6: InterfaceAddress | undefined;
}

export interface SandboxState {
  readonly request: SandboxRequest;
  readonly sandboxId: string;
  /** Bind mount of the namespace; undefined with the host's or another container's network. */
  readonly netns: string | undefined;
  readonly endpoints: readonly EndpointState[];
  readonly ports: readonly PublishedPort[];
}

/** User-defined networks have names; the default bridge has none, for Docker's oldest containers' sake. */
export function isUserDefined({ name, driver }: NetworkRecord): boolean {
  return driver === 'bridge' && name !== 'bridge';
}

/** The endpoint whose gateway is the default route: highest priority, then the first by network name. */
export function gatewayEndpoint(endpoints: readonly EndpointState[], family: 4 | 6): EndpointState | undefined {
  const key = family === 4 ? 'ipv4' : 'ipv6';
  return endpoints
    .filter((endpoint) => (endpoint[key]?.gateway ?? '') !== '')
    .sort(
      (a, b) => (b.wishes.GwPriority ?? 0) - (a.wishes.GwPriority ?? 0) || (a.network.name < b.network.name ? -1 : 1),
    )[0];
}

/** Where a published port leads, of the family that its host address has, or of the other one through the engine. */
export function targetOf(endpoints: readonly EndpointState[], port: PublishedPort): Target | undefined {
  const ipv4 = gatewayEndpoint(endpoints, 4)?.ipv4;
  const ipv6 = gatewayEndpoint(endpoints, 6)?.ipv6;
  const chosen = port.hostIp.includes(':') ? (ipv6 ?? ipv4) : (ipv4 ?? ipv6);
  return chosen && { address: chosen.address, port: port.containerPort };
}

/** The published ports that the firewall redirects: those whose host address and target are of one family. */
export function firewallPorts({ endpoints, ports }: Pick<SandboxState, 'endpoints' | 'ports'>): FirewallPort[] {
  return ports.flatMap((port) => {
    const target = targetOf(endpoints, port);
    const sameFamily = target?.address.includes(':') === port.hostIp.includes(':');
    if (target === undefined || !sameFamily || port.hostIp === '::1') return [];
    const { protocol, hostIp, hostPort } = port;
    return [{ protocol, hostIp, hostPort, targetIp: target.address, targetPort: target.port }];
  });
}

/** Where the container's resolver address leads: the first user-defined network's gateway on the host. */
export function resolverEndpoint(endpoints: readonly EndpointState[]): EndpointState | undefined {
  return endpoints.find(({ network, ipv4 }) => isUserDefined(network) && ipv4 !== undefined);
}

/** host_binding_ipv4 of the network that publishes. */
export function hostBinding(endpoints: readonly EndpointState[]): string | undefined {
  const endpoint = gatewayEndpoint(endpoints, 4);
  return endpoint && bridgeOptions(endpoint.network).hostBinding;
}

/** Names under which the container is known on a user-defined network. */
export function dnsNames({ request }: Pick<SandboxState, 'request'>, wishes: EndpointSettings): string[] {
  const { containerName, containerId, hostname } = request;
  const names = [containerName, ...(wishes.Aliases ?? []), containerId.slice(0, 12), hostname];
  return [...new Set(names.filter((name) => name !== ''))];
}

/** The endpoint that inspect shows on `host` and `none`, where there is none in the kernel; stable for a run. */
export function specialEndpointId({ sandboxId }: Pick<SandboxState, 'sandboxId'>): string {
  return createHash('sha256').update(sandboxId).digest('hex');
}
