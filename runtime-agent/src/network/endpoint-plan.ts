/** What a container may ask of a network, and the addresses it gets there. Errors are in Docker's words. */
import { isIPv4, isIPv6 } from 'node:net';
import { EngineError } from '#model/engine-api/errors.ts';
import type { EndpointSettings } from '#model/engine-api/types.ts';
import { type Address, contains, type Family, formatAddress, parseAddress, parseCidr } from './address.ts';
import type { AddressSpace } from './address-space.ts';
import { extrasProblems } from './endpoint-extras.ts';
import { macAddress, newId, newVethName, parseMac } from './names.ts';
import type { NetworkRecord, RecordedSubnet } from './network-record.ts';
import { type EndpointState, type InterfaceAddress, isUserDefined } from './sandbox-state.ts';

/** Throws EngineError('invalid') naming every problem; `prefix` says whose settings they are. */
export function checkEndpoint(network: NetworkRecord, wishes: EndpointSettings, prefix = ''): void {
  const problems = [...aliasProblems(network, wishes), ...addressProblems(network, wishes), ...extrasProblems(wishes)];
  if (problems.length > 0) {
    const list = problems.length === 1 ? problems : problems.map((problem) => `* ${problem}`);
    throw new EngineError('invalid', `${prefix}invalid endpoint settings:\n${list.join('\n')}`);
  }
  const mac = wishes.MacAddress ?? '';
  if (mac !== '' && parseMac(mac) === undefined) {
    throw new EngineError('invalid', `${prefix}invalid MAC address ${mac}`.trimEnd());
  }
}

function aliasProblems(network: NetworkRecord, { Aliases: aliases }: EndpointSettings): string[] {
  if ((aliases ?? []).length === 0 || isUserDefined(network)) return [];
  return ['network-scoped alias is supported only for containers in user defined networks'];
}

function addressProblems(network: NetworkRecord, { IPAMConfig: ipam }: EndpointSettings): string[] {
  const wished = [
    { text: ipam?.IPv4Address ?? '', family: 4 as const, valid: isIPv4 },
    { text: ipam?.IPv6Address ?? '', family: 6 as const, valid: isIPv6 },
  ].filter(({ text }) => text !== '');
  const problems: string[] = [];
  if (wished.length > 0 && !isUserDefined(network)) {
    problems.push('user specified IP address is supported on user defined networks only');
  }
  for (const { text, family, valid } of wished) {
    if (!valid(text)) problems.push(`invalid IPv${family} address: ${text}`);
    const subnets = network.subnets.filter((subnet) => subnet.family === family);
    // Those of the default network are the engine's configuration.
    const known = isUserDefined(network) ? subnets.filter(({ configured }) => configured) : subnets;
    if (known.length === 0) {
      problems.push(
        'user specified IP address is supported only when connecting to networks with user configured subnets',
      );
    } else if (!subnets.some((subnet) => covers(subnet, text))) {
      problems.push(`no configured subnet or ip-range contain the IP address ${text}`);
    }
  }
  return problems;
}

function covers({ subnet }: RecordedSubnet, text: string): boolean {
  const address = parseAddress(text);
  const cidr = parseCidr(subnet);
  return address !== undefined && cidr !== undefined && contains(cidr.subnet, address);
}

export interface EndpointPlanInput {
  readonly network: NetworkRecord;
  readonly wishes: EndpointSettings;
  readonly spaces: readonly AddressSpace[];
  readonly ifname: string;
}

interface Taken {
  readonly space: AddressSpace;
  readonly address: Address;
}

/** Takes addresses for an endpoint. Throws EngineError('forbidden') when one is taken or none is left. */
export function planEndpoint({ network, wishes, spaces, ifname }: EndpointPlanInput): EndpointState {
  const taken: Taken[] = [];
  try {
    for (const space of spaces) taken.push({ space, address: takeOne(network, wishes, space) });
  } catch (error) {
    for (const { space, address } of taken) space.release(address);
    throw error;
  }
  const of = (family: Family): InterfaceAddress | undefined => {
    const found = taken.find(({ address }) => address.family === family);
    if (found === undefined) return undefined;
    const gateway = network.subnets.find((subnet) => subnet.family === family)?.gateway ?? '';
    const { subnet } = found.space;
    return { address: formatAddress(found.address), bits: subnet.bits, gateway: network.internal ? '' : gateway };
  };
  const ipv4 = taken.find(({ address }) => address.family === 4)?.address.value;
  const mac = parseMac(wishes.MacAddress ?? '') ?? macAddress(ipv4);
  const names = { endpointId: newId(), veth: newVethName(), ifname, mac };
  return { network, wishes, ...names, ipv4: of(4), ipv6: of(6) };
}

function takeOne(network: NetworkRecord, { IPAMConfig: ipam }: EndpointSettings, space: AddressSpace): Address {
  const { family } = space.subnet;
  const text = (family === 4 ? ipam?.IPv4Address : ipam?.IPv6Address) ?? '';
  const wished = parseAddress(text);
  if (wished !== undefined && !space.take(wished)) throw new EngineError('forbidden', 'Address already in use');
  const address = wished ?? space.allocate();
  if (address !== undefined) return address;
  const where = `${network.name} (${network.id})`;
  throw new EngineError('forbidden', `no available IPv${family} addresses on this network's address pools: ${where}`);
}

const INTERFACE_NAME = 'com.docker.network.endpoint.ifname';

/** The name asked for, else the first free `eth` number. Throws EngineError('invalid') for a name no interface can have. */
export function interfaceName({ DriverOpts: options }: EndpointSettings, present: readonly EndpointState[]): string {
  const used = new Set(['lo', ...present.map(({ ifname }) => ifname)]);
  const wished = options?.[INTERFACE_NAME] ?? '';
  if (wished !== '' && (!/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,14}$/.test(wished) || used.has(wished))) {
    throw new EngineError(
      'invalid',
      `invalid interface name "${wished}": taken, or not 1 to 15 letters, digits, '_', '.', '-'`,
    );
  }
  if (wished !== '') return wished;
  for (let i = 0; ; i++) if (!used.has(`eth${i}`)) return `eth${i}`;
}
