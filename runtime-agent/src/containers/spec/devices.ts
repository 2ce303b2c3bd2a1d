import type { HostConfig } from '#model/engine-api/types.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { OciDevice, OciDeviceRule } from '#model/oci/runtime-spec.ts';

/** What Docker lets every container use: zero, null, urandom, random, tty, console, ptmx, ptys, and mknod of anything. */
const DEFAULT_RULES: readonly OciDeviceRule[] = [
  { allow: false, access: 'rwm' },
  ...[
    [1, 5],
    [1, 3],
    [1, 9],
    [1, 8],
    [5, 0],
    [5, 1],
  ].map(([major = 0, minor = 0]) => ({ allow: true, type: 'c', major, minor, access: 'rwm' })),
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' },
];

/** A device of the host with everything below it, when the path names a directory. */
export type FindDevices = (hostPath: string, containerPath: string) => readonly OciDevice[];

/** `c 42:* rwm` */
const RULE = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/;

function parseRule(text: string): OciDeviceRule {
  const match = RULE.exec(text);
  if (!match) throw new EngineError('invalid', `invalid device cgroup rule format: '${text}'`);
  const [, type = 'a', major = '*', minor = '*', access = 'rwm'] = match;
  const number = (value: string): number => (value === '*' ? -1 : Number(value));
  return { allow: true, type, major: number(major), minor: number(minor), access };
}

export interface ContainerDevices {
  readonly devices: readonly OciDevice[];
  readonly rules: readonly OciDeviceRule[];
}

export function containerDevices(host: HostConfig, find: FindDevices): ContainerDevices {
  if (host.Privileged) {
    return { devices: find('/dev', '/dev'), rules: [{ allow: true, access: 'rwm' }] };
  }
  const devices: OciDevice[] = [];
  const rules: OciDeviceRule[] = [...DEFAULT_RULES];
  for (const { PathOnHost = '', PathInContainer, CgroupPermissions } of host.Devices ?? []) {
    for (const device of find(PathOnHost, PathInContainer || PathOnHost)) {
      devices.push(device);
      const { type, major, minor } = device;
      rules.push({ allow: true, type, major, minor, access: CgroupPermissions || 'rwm' });
    }
  }
  return { devices, rules: [...rules, ...(host.DeviceCgroupRules ?? []).map(parseRule)] };
}
