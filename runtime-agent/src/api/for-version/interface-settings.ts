/** Settings of a network interface that containers had before their networks had them: the hardware address, sysctls. */
import type { CreateBody } from '#model/engine-api/create-request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import type { Before } from '../version.ts';

interface Settled {
  readonly body: CreateBody;
  readonly warnings: readonly string[];
}

const SYSCTLS = 'com.docker.network.endpoint.sysctls';

const invalid = (message: string): EngineError => new EngineError('invalid', message);
const isContainers = (mode: string): boolean => mode === 'container' || mode.startsWith('container:');
/** Whether the mode names a network that has interfaces. */
const isNetwork = (mode: string): boolean => mode !== 'host' && mode !== 'none' && !isContainers(mode);

/** Moves them to the network of NetworkMode, which is told to the client where it could have done so itself. */
export function withInterfaceSettings(body: CreateBody, before: Before): Settled {
  const first = before('1.44') ? withOldAddress(body, before) : withAddress(body, before);
  const second = withSysctls(first.body, before);
  return { body: second.body, warnings: [...first.warnings, ...second.warnings] };
}

/** The network's entry, made where there is none. Before 1.44 there was one at most, whatever it was called. */
function mainEndpoint(
  { endpoints, hostConfig }: CreateBody,
  before: Before,
  problem: string,
): [name: string, EndpointSettings] {
  const mode = hostConfig.NetworkMode ?? 'bridge';
  const [first] = Object.entries(endpoints);
  if (first === undefined) return [mode, {}];
  if (before('1.44')) return first;
  const endpoint = endpoints[mode];
  if (endpoint !== undefined) return [mode, endpoint];
  const hint = 'HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks';
  throw invalid(`${problem}: ${hint}`);
}

const NO_NETWORK = 'unable to migrate container-wide MAC address to a specific network';

function withOldAddress(body: CreateBody, before: Before): Settled {
  const { hostConfig, endpoints } = body;
  const { MacAddress } = body.config;
  if (!MacAddress) {
    const without = Object.entries(endpoints).map(([name, { MacAddress: _later, ...endpoint }]) => [name, endpoint]);
    return { body: { ...body, endpoints: Object.fromEntries(without) as CreateBody['endpoints'] }, warnings: [] };
  }
  if (!isNetwork(hostConfig.NetworkMode ?? 'bridge')) {
    throw invalid('conflicting options: mac-address and the network mode');
  }
  const [name, endpoint] = mainEndpoint(body, before, NO_NETWORK);
  const moved = { ...endpoints, [name]: { ...endpoint, MacAddress } };
  return { body: { ...body, endpoints: moved }, warnings: [] };
}

const DEPRECATED =
  'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.';

function withAddress(body: CreateBody, before: Before): Settled {
  const { MacAddress, ...config } = body.config;
  if (!MacAddress) return { body, warnings: [] };
  const warnings = [DEPRECATED];
  if (!isNetwork(body.hostConfig.NetworkMode ?? 'bridge')) return { body: { ...body, config }, warnings };
  const [name, endpoint] = mainEndpoint(body, before, NO_NETWORK);
  if (endpoint.MacAddress && endpoint.MacAddress !== MacAddress) {
    const other = 'the endpoint-specific MAC address for the main network';
    throw invalid(`the container-wide MAC address must match ${other}, or be left empty`);
  }
  return { body: { ...body, config, endpoints: { ...body.endpoints, [name]: { ...endpoint, MacAddress } } }, warnings };
}

/** `net.ipv4.conf.eth0.forwarding`: of an interface, which is there only after the container's sysctls were set. */
const OF_INTERFACE = /^net\.([^.]*)\.([^.]*)\.(eth[^.]*)\.(.*)$/s;

function withSysctls(body: CreateBody, before: Before): Settled {
  const { hostConfig, endpoints } = body;
  const mode = hostConfig.NetworkMode ?? 'bridge';
  const named = Object.entries(hostConfig.Sysctls ?? {}).flatMap(([name, value]) => {
    const [, family = '', group = '', ifname = '', rest = ''] = OF_INTERFACE.exec(name) ?? [];
    return ifname === '' ? [] : [{ name, ifname, setting: `net.${family}.${group}.IFNAME.${rest}=${value}` }];
  });
  const [first] = named;
  if (first === undefined || mode === 'host' || isContainers(mode)) return { body, warnings: [] };
  if (!before('1.48')) {
    const how = `must be supplied using driver option '${SYSCTLS}'`;
    throw new EngineError('internal', `interface specific sysctl setting ${JSON.stringify(first.name)} ${how}`);
  }
  const [network, endpoint] = mainEndpoint(body, before, `unable to find a network for sysctl ${first.name}`);
  const other = named.find(({ ifname }) => ifname !== 'eth0');
  if (other !== undefined) {
    const how = `use driver option '${SYSCTLS}' to set per-interface sysctls`;
    throw new EngineError('internal', `unable to determine network endpoint for sysctl ${other.name}, ${how}`);
  }
  const settings = named.map(({ setting }) => setting).join(',');
  const given = endpoint.DriverOpts?.[SYSCTLS];
  const DriverOpts = { ...endpoint.DriverOpts, [SYSCTLS]: given === undefined ? settings : `${settings},${given}` };
  const moved = new Set(named.map(({ name }) => name));
  const Sysctls = Object.fromEntries(Object.entries(hostConfig.Sysctls ?? {}).filter(([name]) => !moved.has(name)));
  const names = JSON.stringify([...moved].join(','));
  return {
    body: {
      ...body,
      hostConfig: { ...hostConfig, Sysctls },
      endpoints: { ...endpoints, [network]: { ...endpoint, DriverOpts } },
    },
    warnings: [`Migrated sysctl ${names} to DriverOpts{${JSON.stringify(SYSCTLS)}:${JSON.stringify(settings)}}.`],
  };
}
