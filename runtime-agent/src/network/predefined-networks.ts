/** bridge, host and none: every engine has them. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Subnet } from './address.ts';
import { newId } from './names.ts';
import { BRIDGE_OPTION, MTU_OPTION, type NetworkRecord } from './network-record.ts';
import { chosenSubnet, subnetsOf } from './subnet-conflicts.ts';

export interface PredefinedInput {
  readonly existing: readonly NetworkRecord[];
  readonly hostSubnets: readonly Subnet[];
  readonly defaultBridge: string;
  readonly now: string;
  readonly mtu: number;
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
  const { existing, hostSubnets, defaultBridge } = input;
  const chosen = chosenSubnet(4, [...subnetsOf(existing), ...hostSubnets], '');
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
