/** The files about names and addresses that a container gets: /etc/hosts and /etc/resolv.conf. */
import { appendHosts, renderHosts } from './hosts-file.ts';
import {
  INTERNAL_NAMESERVER,
  overrideResolver,
  parseResolvConf,
  renderResolvConf,
  type ResolverConfig,
  withInternalResolver,
  withoutLoopback,
} from './resolv-conf.ts';
import { gatewayEndpoint, isUserDefined, resolverEndpoint, type SandboxState } from './sandbox-state.ts';

export interface HostFiles {
  /** The host's /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string;
  readonly resolvConf: string;
}

export interface SandboxFiles {
  readonly hosts: string;
  readonly resolvConf: string;
}

export interface FilesInput {
  readonly state: SandboxState;
  readonly host: HostFiles;
  /** The host's address on the default bridge, for `host-gateway` of containers without a bridge of their own. */
  readonly fallbackGateway: string;
  /** Legacy links on the default bridge, resolved. */
  readonly links: readonly { readonly address: string; readonly names: readonly string[] }[];
}

export function sandboxFiles(input: FilesInput): SandboxFiles {
  return { hosts: hostsFile(input), resolvConf: resolvConf(input) };
}

function hostsFile({ state, host, fallbackGateway, links }: FilesInput): string {
  const { request, endpoints } = state;
  const own = [gatewayEndpoint(endpoints, 4)?.ipv4?.gateway, gatewayEndpoint(endpoints, 6)?.ipv6?.gateway];
  const reachable = own.filter((address) => address !== undefined);
  const gateways = reachable.length > 0 ? reachable : [fallbackGateway].filter((address) => address !== '');
  if (request.mode === 'host') return appendHosts(host.hosts, request.extraHosts, gateways);
  const addresses = endpoints.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((one) => one?.address ?? []));
  const { hostname, domainname, extraHosts } = request;
  return renderHosts({ hostname, domainname, extraHosts, gateways, addresses, links });
}

function resolvConf({ state, host }: FilesInput): string {
  const { request, endpoints } = state;
  const config = overrideResolver(parseResolvConf(host.resolvConf), request);
  if (request.mode === 'host') return renderResolvConf(config);
  if (endpoints.some(({ network }) => isUserDefined(network))) return renderResolvConf(internal(state, config));
  return renderResolvConf(withoutLoopback(config, request.dns.length > 0));
}

/** A network without IPv4 has no 127.0.0.11 to come from: its containers ask the gateway itself. */
function internal({ endpoints }: SandboxState, config: ResolverConfig): ResolverConfig {
  if (resolverEndpoint(endpoints) !== undefined) return withInternalResolver(config, INTERNAL_NAMESERVER);
  const network = endpoints.find((endpoint) => isUserDefined(endpoint.network))?.network;
  return withInternalResolver(config, network?.subnets[0]?.gateway);
}
