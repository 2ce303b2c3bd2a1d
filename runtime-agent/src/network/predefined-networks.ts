/** bridge, host and none: every engine has them. */
import { EngineError } from '#model/engine-api/errors.ts';
import { formatAddress, formatSubnet, parseCidr, type Subnet } from './address.ts';
import { newId } from './names.ts';
import { BRIDGE_OPTION, MTU_OPTION, type NetworkRecord, type RecordedSubnet } from './network-record.ts';
import { chosenSubnet, subnetsOf } from './subnet-conflicts.ts';
import type { SubnetSource } from './subnet-pools.ts';

export interface PredefinedInput {
  readonly existing: readonly NetworkRecord[];
  readonly hostSubnets: readonly Subnet[];
  readonly defaultBridge: string;
  readonly now: string;
  readonly mtu: number;
  readonly seed: string | SubnetSource;
  /** Configured address of the default bridge, `ADDRESS/BITS`. */
  readonly bip: string | undefined;
}

/** Records of the predefined networks that are missing. Throws EngineError('forbidden') without a free subnet. */
export function predefinedNetworks(input: PredefinedInput): NetworkRecord[] {
  const { existing } = input;
  const missing = ['bridge', 'host', 'none'].filter((name) => !existing.some((network) => network.name === name));
  return missing.map((name) => (name === 'bridge' ? defaultNetwork(input) : withoutBridge(name, input)));
}

function withoutBridge(name: string, { now, mtu }: PredefinedInput): NetworkRecord {
  return {
    id: newId(),
    name,
    created: now,
    driver: name === 'host' ? 'host' : 'null',
    enableIPv4: true,
    enableIPv6: false,
    internal: false,
    attachable: false,
    configOnly: false,
    configFrom: '',
    ipamOptions: null,
    shown: null,
    subnets: [],
    options: {},
    labels: {},
    bridge: '',
    mtu,
  };
}

function defaultNetwork(input: PredefinedInput): NetworkRecord {
  const { existing, hostSubnets, defaultBridge, bip } = input;
  const chosen =
    bip === undefined ? chosenSubnet(4, [...subnetsOf(existing), ...hostSubnets], input.seed) : bridgeSubnet(bip);
  if (chosen === undefined) {
    throw new EngineError(
      'forbidden',
      'all predefined address pools have been fully subnetted: the host’s routes leave no room for the network bridge',
    );
  }
  return {
    ...withoutBridge('bridge', input),
    driver: 'bridge',
    shown: [{ Subnet: chosen.subnet, Gateway: chosen.gateway }],
    subnets: [chosen],
    options: {
      [`${BRIDGE_OPTION}default_bridge`]: 'true',
      [`${BRIDGE_OPTION}enable_icc`]: 'true',
      [`${BRIDGE_OPTION}enable_ip_masquerade`]: 'true',
      [`${BRIDGE_OPTION}host_binding_ipv4`]: '0.0.0.0',
      [`${BRIDGE_OPTION}name`]: defaultBridge,
      [MTU_OPTION]: String(input.mtu),
    },
    bridge: defaultBridge,
  };
}

/** Throws EngineError('invalid') for what is no address with its prefix length. */
function bridgeSubnet(bip: string): RecordedSubnet {
  const parsed = parseCidr(bip);
  if (parsed === undefined || parsed.address.value === parsed.subnet.base) {
    throw new EngineError('invalid', `bip: expected the bridge's own address, such as 172.20.0.1/16, not ${bip}`);
  }
  const { address, subnet } = parsed;
  const gateway = formatAddress(address);
  return { family: address.family, subnet: formatSubnet(subnet), gateway, auxiliary: {}, configured: true };
}

/** The record of the default bridge with the configured address; undefined when it has it. */
export function movedBridge(existing: readonly NetworkRecord[], bip: string | undefined): NetworkRecord | undefined {
  const bridge = existing.find(({ name }) => name === 'bridge');
  if (bridge === undefined || bip === undefined) return undefined;
  const wanted = bridgeSubnet(bip);
  const [now] = bridge.subnets;
  if (now?.subnet === wanted.subnet && now.gateway === wanted.gateway) return undefined;
  const { subnet: Subnet, gateway: Gateway } = wanted;
  return { ...bridge, subnets: [wanted], shown: [{ Subnet, Gateway }] };
}
