import { hostname as machineName } from 'node:os';
import type { SandboxRequest } from '../network/networks.ts';
import { parseLink } from './links.ts';
import type { ContainerRecord } from './record.ts';

/** The name the container's processes see. */
export function containerHostname(record: ContainerRecord): string {
  const { hostConfig, config } = record;
  if (config.Hostname) return config.Hostname;
  return hostConfig.NetworkMode === 'host' ? machineName() : record.id.slice(0, 12);
}

/** Legacy links belong to the network that NetworkMode names. */
function withLinks({ endpoints, hostConfig, links: legacy }: ContainerRecord): SandboxRequest['endpoints'] {
  const mode = hostConfig.NetworkMode ?? 'bridge';
  const endpoint = endpoints[mode];
  if (!hostConfig.Links?.length || endpoint === undefined) return endpoints;
  // A container that is linked to may get another name.
  const links =
    legacy?.map(({ target, alias }) => `${target}:${alias}`) ??
    hostConfig.Links.map(parseLink).map(({ name, alias }) => `${name}:${alias}`);
  return { ...endpoints, [mode]: { ...endpoint, Links: [...(endpoint.Links ?? []), ...links] } };
}

/** What a container wants of the network. */
export function sandboxRequest(record: ContainerRecord): SandboxRequest {
  const { config, hostConfig } = record;
  return {
    containerId: record.id,
    containerName: record.name,
    hostname: containerHostname(record),
    domainname: config.Domainname ?? '',
    mode: config.NetworkDisabled ? 'none' : (hostConfig.NetworkMode ?? 'bridge'),
    endpoints: withLinks(record),
    exposedPorts: Object.keys(config.ExposedPorts ?? {}),
    portBindings: hostConfig.PortBindings ?? {},
    publishAllPorts: hostConfig.PublishAllPorts ?? false,
    dns: hostConfig.Dns ?? [],
    dnsSearch: hostConfig.DnsSearch ?? [],
    dnsOptions: hostConfig.DnsOptions ?? [],
    extraHosts: hostConfig.ExtraHosts ?? [],
    sysctls: hostConfig.Sysctls ?? {},
  };
}
