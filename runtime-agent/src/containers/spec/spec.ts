/** A container's Config and HostConfig, with the facts of this host, as an OCI runtime spec. Pure. */
import path from 'node:path';
import type { ContainerConfig, HostConfig } from '#model/engine-api/types.ts';
import type { OciDevice, OciMount, OciSpec } from '#model/oci/runtime-spec.ts';
import type { IdMapping } from '../../host/id-mapping.ts';
import type { ContainerMount } from '../record.ts';
import { containerCapabilities } from './capabilities.ts';
import { containerDevices } from './devices.ts';
import { containerMounts, type MountSources } from './mounts.ts';
import { containerNamespaces, type JoinedNamespaces } from './namespaces.ts';
import { containerProcess } from './process.ts';
import { containerResources, type DeviceNumber } from './resources.ts';
import { kernelAtLeast, parseSeccompProfile, resolveSeccomp, type SeccompProfile } from './seccomp.ts';
import { DEFAULT_SECCOMP_PROFILE } from './seccomp-profile.ts';
import { securityOptions } from './security-options.ts';
import type { ResolvedUser } from './user.ts';

/** What depends on the host and not on the container. */
export interface SpecFacts {
  /** Capabilities that the engine can pass on. */
  readonly capabilities: readonly string[];
  /** Node's process.arch. */
  readonly architecture: string;
  readonly kernel: string;
  /** Whether AppArmor is on: elsewhere its profiles mean nothing. */
  readonly appArmor: boolean;
  /** For containers with a user namespace of their own. */
  readonly idRanges: IdMapping['ranges'];
  /** As SeccompFacts has it. */
  readonly unusableArchitectures: readonly string[];
  /** Hard limits that the engine cannot raise, by name; empty when it can raise all. */
  readonly ceilings: Readonly<Record<string, number>>;
  /** Throws EngineError('invalid') when there is no such device. */
  readonly findDevice: (path: string) => DeviceNumber;
  readonly findDevices: (hostPath: string, containerPath: string) => readonly OciDevice[];
}

export interface SpecRequest {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  readonly mounts: readonly ContainerMount[];
  readonly rootfs: string;
  /** Mounted there by the runtime, in the container's own mount namespace; undefined when the host has done it. */
  readonly rootMount?: OciMount | undefined;
  readonly hostname: string;
  readonly user: ResolvedUser;
  readonly sources: MountSources;
  readonly namespaces: JoinedNamespaces;
}

export const DEFAULT_MASKED_PATHS: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
export const DEFAULT_READONLY_PATHS: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

const CGROUP_PARENT = '/slipway';
/** mount_setattr(2) */
const RECURSIVE_READ_ONLY_KERNEL = '5.12';

/** Absolute in every hierarchy of cgroup v1, below the root of v2. */
export function cgroupPath(id: string, host: HostConfig): string {
  // Whatever the parent's name, it stays below the root of the hierarchy.
  return path.posix.join('/', path.posix.normalize(`/${host.CgroupParent || CGROUP_PARENT}`), id);
}

/** Docker lets unprivileged processes use low ports and ping, where the container has a network of its own. */
function sysctls({ config, host, namespaces }: SpecRequest): Record<string, string> {
  const { network, user } = namespaces;
  const domain = config.Domainname && host.UTSMode !== 'host' ? { 'kernel.domainname': config.Domainname } : {};
  const ports = network === undefined ? {} : { 'net.ipv4.ip_unprivileged_port_start': '0' };
  // Not all of these groups are there in a user namespace.
  const ping = network === undefined || user !== undefined ? {} : { 'net.ipv4.ping_group_range': '0 2147483647' };
  return { ...domain, ...ports, ...ping, ...host.Sysctls };
}

function seccompProfile(option: string | undefined): SeccompProfile | undefined {
  if (option === 'unconfined') return undefined;
  return option === undefined ? DEFAULT_SECCOMP_PROFILE : parseSeccompProfile(option);
}

function propagation(mounts: readonly ContainerMount[]): string | undefined {
  const wanted = mounts.map((mount) => mount.propagation);
  if (wanted.some((p) => p === 'shared' || p === 'rshared')) return 'shared';
  return wanted.some((p) => p === 'slave' || p === 'rslave') ? 'rslave' : undefined;
}

export function containerSpec(request: SpecRequest, facts: SpecFacts): OciSpec {
  const { config, host } = request;
  const security = securityOptions(host);
  const privileged = host.Privileged ?? false;
  const wish = { add: host.CapAdd ?? [], drop: host.CapDrop ?? [], privileged };
  const capabilities = containerCapabilities(wish, facts.capabilities);
  const profile = seccompProfile(security.seccomp);
  const { devices, rules } = containerDevices(host, facts.findDevices);
  const rootfsPropagation = propagation(request.mounts);
  return {
    ociVersion: '1.0.2',
    ...(host.UTSMode === 'host' ? {} : { hostname: request.hostname }),
    root: { path: request.rootfs, readonly: host.ReadonlyRootfs ?? false },
    process: containerProcess(config, host, {
      user: request.user,
      hostname: request.hostname,
      capabilities,
      noNewPrivileges: security.noNewPrivileges,
      apparmor: facts.appArmor && security.apparmor !== 'unconfined' ? security.apparmor : undefined,
      init: request.sources.init !== undefined,
      ceilings: facts.ceilings,
    }),
    mounts: [
      ...(request.rootMount === undefined ? [] : [request.rootMount]),
      ...containerMounts({
        host,
        own: request.mounts,
        sources: request.sources,
        writableCgroups: security.writableCgroups,
        recursiveReadOnly: kernelAtLeast(facts.kernel, RECURSIVE_READ_ONLY_KERNEL),
      }),
    ],
    ...(host.Annotations === undefined ? {} : { annotations: host.Annotations }),
    linux: {
      namespaces: containerNamespaces(host, request.namespaces),
      ...(request.namespaces.user === undefined || facts.idRanges === undefined
        ? {}
        : { uidMappings: facts.idRanges.uids, gidMappings: facts.idRanges.gids }),
      cgroupsPath: cgroupPath(request.id, host),
      resources: containerResources(host, facts.findDevice, rules),
      devices,
      sysctl: sysctls(request),
      ...(profile === undefined ? {} : { seccomp: resolveSeccomp(profile, { ...facts, capabilities }) }),
      ...(rootfsPropagation === undefined ? {} : { rootfsPropagation }),
      maskedPaths: privileged ? [] : (host.MaskedPaths ?? DEFAULT_MASKED_PATHS),
      readonlyPaths: privileged ? [] : (host.ReadonlyPaths ?? DEFAULT_READONLY_PATHS),
    },
  };
}
