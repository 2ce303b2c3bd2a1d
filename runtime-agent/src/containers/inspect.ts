/** `GET /containers/{id}/json` */
import path from 'node:path';
import type {
  ContainerConfig,
  EndpointSettings,
  ContainerInspectResponse,
  HostConfig,
  NetworkSettings,
} from '#model/engine-api/types.ts';
import { securityOptions } from './spec/security-options.ts';
import { CURRENT_LOG } from '../runtime/log-read.ts';
import type { Container } from './container.ts';
import type { ContainerContext } from './context.ts';
import { parseLink } from './links.ts';
import { mountPoints } from './mount-points.ts';
import { type ContainerRecord, NEVER } from './record.ts';
import { commandLine } from './spec/process.ts';
import { DEFAULT_MASKED_PATHS, DEFAULT_READONLY_PATHS } from './spec/spec.ts';
import { type ContainerPaths, containerPaths, lowerDirectories } from './rootfs.ts';
import { containerSizes } from './sizes.ts';

/** Fields that Docker always shows, whatever was asked for; clients in typed languages rely on them. */
const CONFIG_SHAPE = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: {},
};

const HOST_SHAPE = {
  Binds: null,
  ContainerIDFile: '',
  LogConfig: { Type: 'json-file', Config: {} },
  NetworkMode: 'bridge',
  PortBindings: null,
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  CgroupnsMode: 'host',
  Dns: null,
  DnsOptions: null,
  DnsSearch: null,
  ExtraHosts: null,
  GroupAdd: null,
  IpcMode: 'private',
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  ShmSize: 67_108_864,
  Runtime: 'runc',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: null,
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: null,
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: null,
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
  MaskedPaths: DEFAULT_MASKED_PATHS,
  ReadonlyPaths: DEFAULT_READONLY_PATHS,
};

/** Not shown where there is nothing in them. */
const LEFT_OUT = new Set('Annotations KernelMemory KernelMemoryTCP Mounts Shell StorageOpt Sysctls Tmpfs'.split(' '));
const isNothing = (value: unknown): boolean =>
  value === 0 || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function shaped(shape: object, value: object): object {
  const given = Object.entries(value).filter(
    ([name, v]) => v !== undefined && v !== null && !(LEFT_OUT.has(name) && isNothing(v)),
  );
  return { ...shape, ...Object.fromEntries(given) };
}

function shownLinks({ store }: ContainerContext, { name, hostConfig: host, links }: ContainerRecord): string[] {
  const named = host.Links?.map(parseLink) ?? [];
  const targets =
    links?.map(({ target, alias }) => ({
      name: store.byId(target)?.record.name ?? named.find((link) => link.alias === alias)?.name,
      alias,
    })) ?? named;
  return targets.map((link) => `/${link.name}:/${name}/${link.alias}`);
}

/** Lists whose entries are shown with all their fields, given or not. */
const WHOLE_ENTRIES: Readonly<Partial<Record<keyof HostConfig, object>>> = {
  BlkioDeviceReadBps: { Path: '', Rate: 0 },
  BlkioDeviceWriteBps: { Path: '', Rate: 0 },
  BlkioDeviceReadIOps: { Path: '', Rate: 0 },
  BlkioDeviceWriteIOps: { Path: '', Rate: 0 },
  Devices: { PathOnHost: '', PathInContainer: '', CgroupPermissions: '' },
  Ulimits: { Name: '', Hard: 0, Soft: 0 },
};

function whole(host: HostConfig, name: string, nothing: object): readonly (readonly [string, object[]])[] {
  const list = host[name as keyof HostConfig] as readonly object[] | undefined;
  return list === undefined ? [] : [[name, list.map((entry) => ({ ...nothing, ...entry }))]];
}

function shownHostConfig(context: ContainerContext, record: ContainerRecord): HostConfig {
  const { hostConfig: host } = record;
  const open = host.Privileged ? { MaskedPaths: null, ReadonlyPaths: null } : {};
  const links = shownLinks(context, record);
  const bound = Object.entries(host.PortBindings ?? {}).map(([port, bindings]) => [
    port,
    bindings?.map((binding) => ({ HostIp: '', HostPort: '', ...binding })) ?? null,
  ]);
  return {
    ...shaped(HOST_SHAPE, host),
    ...Object.fromEntries(Object.entries(WHOLE_ENTRIES).flatMap(([name, nothing]) => whole(host, name, nothing))),
    ...open,
    ...(host.PortBindings ? { PortBindings: Object.fromEntries(bound) } : {}),
    Links: links.length > 0 ? links : null,
  } as HostConfig;
}

type Inspected = ContainerInspectResponse;

function shownState(container: Container): NonNullable<Inspected['State']> {
  const { state, config } = container.record;
  const { status } = state;
  const { health, lastHealth } = container;
  const checked = (config.Healthcheck?.Test?.[0] ?? 'NONE') !== 'NONE' && state.startedAt !== NEVER;
  const shown = {
    Status: health?.status ?? 'unhealthy',
    FailingStreak: (health ?? lastHealth)?.failingStreak ?? 0,
    Log: ((health ?? lastHealth)?.log ?? []).map(({ start, end, exitCode, output }) => ({
      Start: start,
      End: end,
      ExitCode: exitCode,
      Output: output,
    })),
  };
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.process?.pid ?? 0,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    // Docker's own type says Date where JSON has a string.
    ...(checked ? { Health: shown as unknown as NonNullable<NonNullable<Inspected['State']>['Health']> } : {}),
  };
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

const EMPTY_NETWORK = {
  Bridge: '',
  SandboxID: '',
  SandboxKey: '',
  Ports: {},
  HairpinMode: false,
  LinkLocalIPv6Address: '',
  LinkLocalIPv6PrefixLen: 0,
  SecondaryIPAddresses: null,
  SecondaryIPv6Addresses: null,
  EndpointID: '',
  Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  MacAddress: '',
};

/** Of a running container what it has; otherwise the networks that it will join, and which they were the last time. */
export function shownNetwork(container: Container): NetworkSettings {
  const { network, endpoints, state } = container.record;
  const live = state.status === 'running' || state.status === 'paused';
  const joined = live && network?.Networks ? network.Networks : endpoints;
  const last = (name: string): object => {
    const before = network?.Networks?.[name];
    return before === undefined ? {} : { NetworkID: before.NetworkID, DNSNames: before.DNSNames ?? null };
  };
  // A wish is shown until there was an interface.
  const wish: Partial<EndpointSettings> = live || state.startedAt === NEVER ? {} : { MacAddress: '' };
  const Networks = Object.fromEntries(
    Object.entries(joined)
      .sort(([a], [b]) => (a < b ? -1 : 1)) // as Docker's come, for those who take the first
      .map(([name, endpoint]) => [name, { ...EMPTY_ENDPOINT, ...last(name), ...endpoint, ...wish }]),
  ) as NonNullable<NetworkSettings['Networks']>;
  const MacAddress = Networks['bridge']?.MacAddress ?? '';
  return { ...EMPTY_NETWORK, MacAddress, ...(live ? network : {}), Networks };
}

/** The hardware address of the main network is the container's own, for clients that know no other. */
function shownConfig({ config, hostConfig, endpoints }: ContainerRecord): ContainerConfig {
  const wished = endpoints[hostConfig.NetworkMode ?? 'bridge']?.MacAddress;
  return shaped(CONFIG_SHAPE, { ...(wished && { MacAddress: wished }), ...config });
}

function graphDriver(context: ContainerContext, container: Container, paths: ContainerPaths): Inspected['GraphDriver'] {
  let lower: string[] = [];
  try {
    lower = lowerDirectories(context, container.record);
  } catch {
    // The layers are gone: the container cannot start, but it can be looked at.
  }
  const data = {
    ID: container.id,
    LowerDir: lower.join(':'),
    MergedDir: paths.rootfs,
    UpperDir: paths.upper,
    WorkDir: paths.work,
  };
  return { Name: 'overlay2', Data: data };
}

export async function inspectContainer(
  context: ContainerContext,
  reference: string,
  size: boolean,
): Promise<ContainerInspectResponse> {
  const container = context.store.find(reference);
  const { record } = container;
  const paths = containerPaths(context.dataRoot, record.id);
  const [Path = '', ...Args] = commandLine(record.config);
  const execs = [...container.execs.values()].filter((exec) => exec.state !== 'ended').map((exec) => exec.id);
  const sizes = size ? await containerSizes(context, record) : undefined;
  const logged = record.hostConfig.LogConfig?.Type === 'json-file';
  // Or tried to.
  const started = record.state.startedAt !== NEVER || record.state.exitCode !== 0;
  return {
    Id: record.id,
    Created: record.created,
    Path,
    Args,
    State: shownState(container),
    Image: record.image,
    ResolvConfPath: started ? paths.resolvConf : '',
    HostnamePath: started ? paths.hostname : '',
    HostsPath: started ? paths.hosts : '',
    LogPath: logged && started ? path.join(paths.logs, CURRENT_LOG) : '',
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: 'overlay2',
    Platform: record.platform.os,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: started && context.facts.appArmor ? securityOptions(record.hostConfig).apparmor : '',
    ExecIDs: execs.length > 0 ? execs : null,
    HostConfig: shownHostConfig(context, record),
    GraphDriver: graphDriver(context, container, paths),
    ...(sizes === undefined ? {} : { SizeRw: sizes.own, SizeRootFs: sizes.total }),
    Mounts: mountPoints(record),
    Config: shownConfig(record),
    NetworkSettings: shownNetwork(container),
  } as ContainerInspectResponse;
}
