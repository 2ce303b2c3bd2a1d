/** A network as the engine remembers it, and as inspect shows it. */
import type { NetworkInspect } from '#model/engine-api/types.ts';
import type { Family } from './address.ts';

export interface RecordedSubnet {
  readonly family: Family;
  readonly subnet: string;
  readonly gateway: string;
  readonly range?: string;
  readonly auxiliary: Readonly<Record<string, string>>;
  /** Named by the user: only there may a container ask for an address of its own. */
  readonly configured: boolean;
}

/** `Config` entries as they were asked for (a default gateway is not among them), plus what the engine chose. */
export interface ShownSubnet {
  readonly Subnet: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Record<string, string>;
}

export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly created: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly enableIPv4: boolean;
  readonly enableIPv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly configOnly: boolean;
  readonly configFrom: string;
  readonly ipamOptions: Readonly<Record<string, string>> | null;
  readonly shown: readonly ShownSubnet[] | null;
  /** At most one of each family. */
  readonly subnets: readonly RecordedSubnet[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Interface name; '' without a bridge. */
  readonly bridge: string;
  /** Bytes; of the bridge and the containers' interfaces. */
  readonly mtu: number;
}

export const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** What options of Docker's bridge driver mean. */
export interface BridgeOptions {
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly hostBinding: string | undefined;
}

export const BRIDGE_OPTION = 'com.docker.network.bridge.';
export const MTU_OPTION = 'com.docker.network.driver.mtu';

/** Of a validated record: unreadable values have been refused at creation. */
export function bridgeOptions({ options }: Pick<NetworkRecord, 'options'>): BridgeOptions {
  return {
    icc: isTrue(options[`${BRIDGE_OPTION}enable_icc`] ?? 'true'),
    masquerade: isTrue(options[`${BRIDGE_OPTION}enable_ip_masquerade`] ?? 'true'),
    hostBinding: options[`${BRIDGE_OPTION}host_binding_ipv4`],
  };
}

function isTrue(text: string): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}

export type AttachedContainers = NonNullable<NetworkInspect['Containers']>;

export function showNetwork(record: NetworkRecord, containers: AttachedContainers): NetworkInspect {
  return {
    Name: record.name,
    Id: record.id,
    Created: record.created,
    Scope: 'local',
    Driver: record.driver,
    EnableIPv4: record.enableIPv4,
    EnableIPv6: record.enableIPv6,
    // Docker says null where nothing was configured; its generated types do not know that.
    IPAM: { Driver: 'default', Options: record.ipamOptions, Config: record.shown } as NonNullable<
      NetworkInspect['IPAM']
    >,
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: record.configFrom },
    ConfigOnly: record.configOnly,
    Containers: containers,
    Options: record.options,
    Labels: record.labels,
  };
}
