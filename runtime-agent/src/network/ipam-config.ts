/** Reads the `IPAM.Config` of a request; every problem is named, in Docker's words. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { NetworkCreateRequest } from '#model/engine-api/types.ts';
import { type Address, contains, formatSubnet, parseAddress, parseCidr, type Subnet } from './address.ts';
import type { ShownSubnet } from './network-record.ts';

export interface ConfiguredSubnet {
  readonly subnet: Subnet;
  readonly range: Subnet | undefined;
  readonly gateway: Address | undefined;
  readonly auxiliary: readonly (readonly [string, Address])[];
  readonly shown: ShownSubnet;
}

type IpamConfig = NonNullable<NonNullable<NetworkCreateRequest['IPAM']>['Config']>[number];

/** Throws EngineError('invalid') that lists what is wrong. */
export function checkSubnets(config: readonly IpamConfig[]): ConfiguredSubnet[] {
  const problems: string[] = [];
  const read = config.flatMap((entry) => readOne(entry, problems) ?? []);
  if (problems.length > 0) {
    const list = problems.length === 1 ? problems : problems.map((problem) => `* ${problem}`);
    throw new EngineError('invalid', `invalid network config:\n${list.join('\n')}`);
  }
  return read;
}

function readOne(entry: IpamConfig, problems: string[]): ConfiguredSubnet | undefined {
  const text = entry.Subnet ?? '';
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    problems.push(`invalid subnet ${text}: invalid CIDR block notation`);
    return undefined;
  }
  const { subnet } = cidr;
  if (cidr.address.value !== subnet.base) problems.push(`invalid subnet ${text}: it should be ${formatSubnet(subnet)}`);
  const inside = (what: string, written: string): Address | undefined => {
    const address = parseAddress(written);
    if (address === undefined) problems.push(`invalid ${what}: invalid address`);
    else if (address.family !== subnet.family) {
      problems.push(`invalid ${what}: parent subnet is an IPv${subnet.family} block`);
    } else if (!contains(subnet, address)) {
      problems.push(`invalid ${what}: parent subnet ${formatSubnet(subnet)} doesn't contain this address`);
    }
    return address;
  };
  const range = readRange(entry.IPRange ?? '', subnet, problems);
  const gateway = entry.Gateway ? inside(`gateway ${entry.Gateway}`, entry.Gateway) : undefined;
  const auxiliary = Object.entries(entry.AuxiliaryAddresses ?? {}).flatMap(([name, written]) => {
    const address = inside(`auxiliary address ${name}`, written);
    return address === undefined ? [] : [[name, address] as const];
  });
  const shown: ShownSubnet = {
    Subnet: text,
    ...(entry.IPRange ? { IPRange: entry.IPRange } : {}),
    ...(entry.Gateway ? { Gateway: entry.Gateway } : {}),
    ...(auxiliary.length > 0 ? { AuxiliaryAddresses: { ...entry.AuxiliaryAddresses } } : {}),
  };
  return { subnet, range, gateway, auxiliary, shown };
}

function readRange(text: string, subnet: Subnet, problems: string[]): Subnet | undefined {
  if (text === '') return undefined;
  const range = parseCidr(text);
  if (range === undefined) problems.push(`invalid ip-range ${text}: invalid CIDR block notation`);
  else if (range.subnet.family !== subnet.family) {
    problems.push(`invalid ip-range ${text}: parent subnet is an IPv${subnet.family} block`);
  } else if (range.subnet.bits < subnet.bits) {
    problems.push(`invalid ip-range ${text}: CIDR block is bigger than its parent subnet ${formatSubnet(subnet)}`);
  } else if (!contains(subnet, range.address)) {
    problems.push(`invalid ip-range ${text}: parent subnet ${formatSubnet(subnet)} doesn't contain ip-range`);
  }
  return range?.subnet;
}
