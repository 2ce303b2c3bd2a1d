import { hostname as machineName } from 'node:os';
import type { SandboxRequest } from '../network/networks.ts';
import type { ContainerRecord } from './record.ts';

/** The name the container's processes see. */
export function containerHostname(record: ContainerRecord): string {
  const { hostConfig, config } = record;
  if (config.Hostname) return config.Hostname;
  const shared = hostConfig.NetworkMode === 'host' || hostConfig.UTSMode === 'host';
  return shared ? machineName() : record.id.slice(0, 12);
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
    endpoints: record.endpoints,
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
