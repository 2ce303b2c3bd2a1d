/** NetworkSettings of a container, every field that Docker shows. */
import type { EndpointSettings, NetworkSettings, PortBinding } from '#model/engine-api/types.ts';
import { allPorts } from './port-plan.ts';
import { dnsNames, type EndpointState, isUserDefined, type SandboxState } from './sandbox-state.ts';

export interface SettingsInput {
  readonly state: SandboxState;
  /** Path shown for the namespace. */
  readonly sandboxKey: string;
  /** The network of the modes `host` and `none`, which have no interface of their own. */
  readonly special?: { readonly name: string; readonly id: string; readonly endpointId: string } | undefined;
}

const EMPTY_ENDPOINT = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  MacAddress: '',
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: '',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  DNSNames: null,
};

export function showSettings({ state, sandboxKey, special }: SettingsInput): NetworkSettings {
  const shown = state.endpoints.map((endpoint) => [endpoint.network.name, showEndpoint(state, endpoint)] as const);
  if (special !== undefined) {
    const { name, id, endpointId } = special;
    shown.push([name, asEndpoint({ NetworkID: id, EndpointID: endpointId })]);
  }
  const bridge = state.endpoints.find(({ network }) => network.name === 'bridge');
  const top = bridge === undefined ? asEndpoint({}) : showEndpoint(state, bridge);
  return {
    Bridge: '',
    SandboxID: state.sandboxId,
    SandboxKey: sandboxKey,
    Ports: showPorts(state),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    ...pick(top),
    Networks: Object.fromEntries(shown),
  };
}

function pick(endpoint: EndpointSettings): Partial<NetworkSettings> {
  const { EndpointID, Gateway, GlobalIPv6Address, GlobalIPv6PrefixLen } = endpoint;
  const { IPAddress, IPPrefixLen, IPv6Gateway, MacAddress } = endpoint;
  const all = {
    EndpointID,
    Gateway,
    GlobalIPv6Address,
    GlobalIPv6PrefixLen,
    IPAddress,
    IPPrefixLen,
    IPv6Gateway,
    MacAddress,
  };
  return all as Partial<NetworkSettings>;
}

function showEndpoint(state: SandboxState, { network, endpointId, wishes, mac, ipv4, ipv6 }: EndpointState) {
  return asEndpoint({
    IPAMConfig: wishes.IPAMConfig ?? null,
    Links: (isUserDefined(network) ? wishes.Links : undefined) ?? null,
    Aliases: wishes.Aliases ?? null,
    MacAddress: mac,
    DriverOpts: wishes.DriverOpts ?? null,
    GwPriority: wishes.GwPriority ?? 0,
    NetworkID: network.id,
    EndpointID: endpointId,
    Gateway: ipv4?.gateway ?? '',
    IPAddress: ipv4?.address ?? '',
    IPPrefixLen: ipv4?.bits ?? 0,
    IPv6Gateway: ipv6?.gateway ?? '',
    GlobalIPv6Address: ipv6?.address ?? '',
    GlobalIPv6PrefixLen: ipv6?.bits ?? 0,
    DNSNames: isUserDefined(network) ? dnsNames(state, wishes) : null,
  });
}

/** Docker's nulls are part of the contract; the generated types do not have them. */
function asEndpoint(fields: Readonly<Record<string, unknown>>): EndpointSettings {
  const all: Readonly<Record<string, unknown>> = { ...EMPTY_ENDPOINT, ...fields };
  return all;
}

/** Bound ports by container port; exposed ones that are not bound are null. Nothing at all without a way out. */
function showPorts({ request, endpoints, ports }: SandboxState): Record<string, PortBinding[] | null> {
  if (!endpoints.some(({ ipv4, ipv6 }) => Boolean(ipv4?.gateway) || Boolean(ipv6?.gateway))) return {};
  const bound = (spec: string): PortBinding[] =>
    ports
      .filter(({ protocol, containerPort }) => `${containerPort}/${protocol}` === spec)
      .map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: String(hostPort) }));
  return Object.fromEntries(
    allPorts(request).map((spec) => {
      const bindings = bound(spec);
      return [spec, bindings.length > 0 ? bindings : null];
    }),
  );
}
