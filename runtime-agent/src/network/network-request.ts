/** Checks a request for a network and completes it to a record; pure. Errors are in Docker's words. */
import { isIPv4 } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type { NetworkCreateRequest } from '#model/engine-api/types.ts';
import {
  type Address,
  formatAddress,
  formatSubnet,
  overlaps,
  parseAddress,
  parseCidr,
  type Subnet,
} from './address.ts';
import { createAddressSpace, defaultGateway } from './address-space.ts';
import { checkSubnets, type ConfiguredSubnet } from './ipam-config.ts';
import { bridgeName } from './names.ts';
import {
  BRIDGE_OPTION,
  MTU_OPTION,
  type NetworkRecord,
  PREDEFINED,
  type RecordedSubnet,
  type ShownSubnet,
} from './network-record.ts';
import { chosenSubnet, subnetsOf } from './subnet-conflicts.ts';
import type { SubnetSource } from './subnet-pools.ts';

export interface Surroundings {
  readonly existing: readonly NetworkRecord[];
  /** Subnets of the host that are not the engine's own networks. */
  readonly hostSubnets: readonly Subnet[];
  /** What the engine's IPv6 pool is made of. */
  readonly seed: string | SubnetSource;
  readonly newId: string;
  readonly now: string;
  /** For networks that do not name one. */
  readonly mtu: number;
}

/** As Go reads them. */
const BOOLEAN = /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/;

/** Throws EngineError when the network cannot be made as asked. */
export function planNetwork(asked: NetworkCreateRequest, around: Surroundings): NetworkRecord {
  checkName(asked, around.existing);
  const request = withConfigFrom(asked, around.existing);
  const driver = checkDriver(request);
  const ipam = request.IPAM ?? {};
  if (ipam.Driver !== undefined && ipam.Driver !== '' && ipam.Driver !== 'default') {
    throw new EngineError('not-found', `plugin "${ipam.Driver}" not found`);
  }
  const enableIPv6 = request.EnableIPv6 ?? enabled(request, 6) ?? false;
  const enableIPv4 = request.EnableIPv4 ?? enabled(request, 4) ?? true;
  const configured = checkSubnets(ipam.Config ?? []);
  if (!enableIPv4 && !enableIPv6) throw new EngineError('invalid', 'IPv4 or IPv6 must be enabled');
  const options = request.Options ?? {};
  checkOptions(options, request.Internal ?? false);
  const fixed = {
    id: around.newId,
    name: asked.Name,
    created: around.now,
    driver,
    enableIPv4,
    enableIPv6,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    configFrom: asked.ConfigFrom?.Network ?? '',
    ipamOptions: ipam.Options ?? null,
    options,
    labels: request.Labels ?? {},
    mtu: Number(options[MTU_OPTION] ?? 0) || around.mtu,
  };
  if (asked.ConfigOnly === true) {
    if (asked.Internal || asked.Attachable || asked.Scope) {
      const text =
        'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.';
      throw new EngineError('forbidden', text);
    }
    const shown = configured.length === 0 ? null : configured.map(showConfigured);
    return { ...fixed, driver: 'null', configOnly: true, shown, subnets: [], bridge: '' };
  }
  const bridge = checkBridge(options, around);
  const subnets = chooseSubnets({ enableIPv4, enableIPv6, configured }, around);
  const chosen = subnets
    .filter(({ configured }) => !configured)
    .map(({ subnet, gateway }) => ({ Subnet: subnet, Gateway: gateway }));
  return { ...fixed, configOnly: false, shown: [...configured.map(showConfigured), ...chosen], subnets, bridge };
}

/** What the driver's options say, which is older than the fields. */
function enabled({ Options: options }: NetworkCreateRequest, family: 4 | 6): boolean | undefined {
  const name = `com.docker.network.enable_ipv${family}`;
  const text = options?.[name];
  if (text === undefined) return undefined;
  if (!BOOLEAN.test(text)) throw new EngineError('invalid', `driver-opt ${JSON.stringify(name)} is not a valid bool`);
  return /^(1|t)/i.test(text);
}

function checkName(
  { Name: name, ConfigOnly: configOnly }: NetworkCreateRequest,
  existing: readonly NetworkRecord[],
): void {
  if (typeof name !== 'string' || name.trim() === '') throw new EngineError('invalid', 'invalid name: name is empty');
  if ((PREDEFINED.has(name) || name === 'default') && configOnly !== true) {
    throw new EngineError('forbidden', `operation is not permitted on predefined ${name} network `);
  }
  if (existing.some((network) => network.name === name)) {
    throw new EngineError('conflict', `network with name ${name} already exists`);
  }
}

/** A network made of a configuration-only one takes its addresses, options and labels from there. */
function withConfigFrom(asked: NetworkCreateRequest, existing: readonly NetworkRecord[]): NetworkCreateRequest {
  const from = asked.ConfigFrom?.Network ?? '';
  if (from === '') return asked;
  if (asked.ConfigOnly) {
    throw new EngineError('forbidden', 'a configuration network cannot depend on another configuration network');
  }
  const source = existing.find((network) => network.configOnly && (network.name === from || network.id === from));
  if (source === undefined) throw new EngineError('not-found', `configuration network "${from}" does not exist`);
  return {
    ...asked,
    EnableIPv6: source.enableIPv6,
    Options: source.options,
    Labels: source.labels,
    IPAM: { Config: (source.shown ?? []).map((entry) => ({ ...entry })) },
  };
}

function checkDriver({ Driver: driver = '', Scope: scope = '', Ingress: ingress }: NetworkCreateRequest): 'bridge' {
  if (ingress === true) throw new EngineError('forbidden', 'Ingress network can only be global scope network');
  if (scope === 'swarm') {
    throw new EngineError('forbidden', 'cannot create a swarm scoped network when swarm is not active');
  }
  switch (driver) {
    case '':
    case 'bridge':
      return 'bridge';
    case 'host':
    case 'null':
      throw new EngineError('forbidden', `only one instance of "${driver}" network is allowed`);
    case 'overlay':
      throw new EngineError(
        'forbidden',
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
      );
    case 'macvlan':
    case 'ipvlan':
      throw new EngineError('not-implemented', `network driver "${driver}" is not supported yet: use bridge or host`);
    default:
      throw new EngineError('not-found', `plugin "${driver}" not found`);
  }
}

const GATEWAY_MODES = new Set(['', 'nat', 'nat-unprotected', 'routed', 'isolated']);

/** What Docker has and this engine has not, yet. */
const LATER: readonly (readonly [name: string, wants: (value: string) => boolean])[] = [
  [`${BRIDGE_OPTION}gateway_mode_ipv4`, (mode) => mode !== '' && mode !== 'nat'],
  [`${BRIDGE_OPTION}gateway_mode_ipv6`, (mode) => mode !== '' && mode !== 'nat'],
  [`${BRIDGE_OPTION}inhibit_ipv4`, isTrueText],
  [`${BRIDGE_OPTION}trusted_host_interfaces`, (names) => names !== ''],
  ['com.docker.network.container_iface_prefix', (prefix) => prefix !== '' && prefix !== 'eth'],
];

function checkOptions(options: Readonly<Record<string, string>>, internal: boolean): void {
  for (const [name, value] of Object.entries(options)) {
    const why = optionProblem(name, value);
    if (why !== undefined) throw new EngineError('invalid', `failed to parse ${name} value: ${value} (${why})`);
  }
  const modes = [4, 6].map((family) => options[`${BRIDGE_OPTION}gateway_mode_ipv${family}`]);
  if (!internal && modes.includes('isolated')) {
    throw new EngineError('internal', "gateway mode 'isolated' can only be used for an internal network");
  }
  for (const [name, wants] of LATER) {
    const value = options[name] ?? '';
    if (wants(value))
      throw new EngineError('not-implemented', `the network option ${name}=${value} is not supported yet`);
  }
}

function optionProblem(name: string, value: string): string | undefined {
  switch (name) {
    case `${BRIDGE_OPTION}enable_icc`:
    case `${BRIDGE_OPTION}enable_ip_masquerade`:
    case `${BRIDGE_OPTION}inhibit_ipv4`:
    case `${BRIDGE_OPTION}default_bridge`:
      return BOOLEAN.test(value) ? undefined : `strconv.ParseBool: parsing "${value}": invalid syntax`;
    case `${BRIDGE_OPTION}gateway_mode_ipv4`:
    case `${BRIDGE_OPTION}gateway_mode_ipv6`:
      return GATEWAY_MODES.has(value) ? undefined : `unknown gateway mode ${value}`;
    case MTU_OPTION:
      if (/^-\d+$/.test(value)) throw new EngineError('invalid', `invalid MTU number: ${value}`);
      return /^\d+$/.test(value) ? undefined : `strconv.Atoi: parsing "${value}": invalid syntax`;
    case `${BRIDGE_OPTION}host_binding_ipv4`:
    case 'com.docker.network.host_ipv4':
      return isIPv4(value) ? undefined : 'nil ip';
    default:
      return undefined;
  }
}

function checkBridge(options: Readonly<Record<string, string>>, { existing, newId }: Surroundings): string {
  const wished = options[`${BRIDGE_OPTION}name`];
  if (wished === undefined || wished === '') return bridgeName(newId);
  if (!/^[^\s/:"'\\{}]{1,15}$/.test(wished) || wished === '.' || wished === '..') {
    throw new EngineError(
      'invalid',
      `invalid bridge name "${wished}": an interface name has 1 to 15 characters, no '/' and no spaces`,
    );
  }
  const other = existing.find(({ bridge }) => bridge === wished);
  if (other !== undefined) {
    throw new EngineError(
      'forbidden',
      `cannot create network ${newId} (${wished}): conflicts with network ${other.id} (${wished}): networks have same bridge name`,
    );
  }
  return wished;
}

interface SubnetWishes {
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly configured: readonly ConfiguredSubnet[];
}

function chooseSubnets({ enableIPv4, enableIPv6, configured }: SubnetWishes, around: Surroundings): RecordedSubnet[] {
  const own = subnetsOf(around.existing);
  const families = [...(enableIPv4 ? ([4] as const) : []), ...(enableIPv6 ? ([6] as const) : [])];
  return families.map((family) => {
    const [mine, second] = configured.filter(({ subnet }) => subnet.family === family);
    if (second !== undefined) throw new EngineError('forbidden', "bridge driver doesn't support multiple subnets");
    if (mine !== undefined) return recordConfigured(mine, own);
    const chosen = chosenSubnet(family, [...own, ...around.hostSubnets], around.seed);
    if (chosen === undefined) {
      throw new EngineError('forbidden', 'all predefined address pools have been fully subnetted');
    }
    return chosen;
  });
}

function recordConfigured(mine: ConfiguredSubnet, own: readonly Subnet[]): RecordedSubnet {
  const { subnet, range, gateway, auxiliary } = mine;
  if (own.some((other) => overlaps(subnet, other))) {
    throw new EngineError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space');
  }
  const space = createAddressSpace({ subnet, range, reserved: [] });
  const take = (address: Address, what: string): void => {
    if (!space.take(address)) throw new EngineError('internal', `failed to allocate ${what}: Address already in use`);
  };
  const router = gateway ?? defaultGateway(subnet, range, []);
  if (subnet.family === 6 && subnet.base >> 120n === 0xffn) {
    throw new EngineError('invalid', `multicast subnet '${formatAddress(router)}/${subnet.bits}' is not allowed`);
  }
  take(router, `gateway (${gateway === undefined ? '' : formatAddress(gateway)})`);
  for (const [name, address] of auxiliary) take(address, `secondary ip address (${name}:${formatAddress(address)})`);
  return {
    family: subnet.family,
    subnet: formatSubnet(subnet),
    gateway: formatAddress(router),
    ...(range === undefined ? {} : { range: formatSubnet(range) }),
    auxiliary: Object.fromEntries(auxiliary.map(([name, address]) => [name, formatAddress(address)])),
    configured: true,
  };
}

function showConfigured({ shown }: ConfiguredSubnet): ShownSubnet {
  return shown;
}

function isTrueText(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** The address space of a recorded subnet, with nothing given yet but what the network itself takes. */
export function spaceOf(recorded: RecordedSubnet) {
  const subnet = parseCidr(recorded.subnet)?.subnet;
  if (subnet === undefined) throw new EngineError('internal', `bad subnet in the state: ${recorded.subnet}`);
  const reserved = [recorded.gateway, ...Object.values(recorded.auxiliary)].flatMap((text) => parseAddress(text) ?? []);
  return createAddressSpace({ subnet, range: parseCidr(recorded.range ?? '')?.subnet, reserved });
}
