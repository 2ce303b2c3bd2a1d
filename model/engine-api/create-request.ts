/** The bodies that describe containers: create, update, exec. */
import { readBody, type Shape } from './body-shape.ts';
import { EngineError } from './errors.ts';
import type { ContainerConfig, EndpointSettings, HostConfig } from './types.ts';

const STRINGS: Shape = { list: 'string' };
const STRING_MAP: Shape = { map: 'string' };
const SET: Shape = { map: 'any', go: 'map[string]struct {}' };
const THROTTLES: Shape = { list: { fields: { Path: 'string', Rate: 'number' } } };

const CONFIG: Readonly<Record<string, Shape>> = {
  Hostname: 'string',
  Domainname: 'string',
  User: 'string',
  AttachStdin: 'boolean',
  AttachStdout: 'boolean',
  AttachStderr: 'boolean',
  ExposedPorts: { map: 'any', go: 'nat.PortSet' },
  Tty: 'boolean',
  OpenStdin: 'boolean',
  StdinOnce: 'boolean',
  Env: STRINGS,
  Cmd: 'words',
  Healthcheck: {
    fields: {
      Test: STRINGS,
      Interval: 'number',
      Timeout: 'number',
      StartPeriod: 'number',
      StartInterval: 'number',
      Retries: 'number',
    },
  },
  ArgsEscaped: 'boolean',
  Image: 'string',
  Volumes: SET,
  WorkingDir: 'string',
  Entrypoint: 'words',
  NetworkDisabled: 'boolean',
  MacAddress: 'string',
  OnBuild: STRINGS,
  Labels: STRING_MAP,
  StopSignal: 'string',
  StopTimeout: 'number',
  Shell: STRINGS,
};

const MOUNT: Shape = {
  fields: {
    Target: 'string',
    Source: 'string',
    Type: 'string',
    ReadOnly: 'boolean',
    Consistency: 'string',
    BindOptions: {
      fields: {
        Propagation: 'string',
        NonRecursive: 'boolean',
        CreateMountpoint: 'boolean',
        ReadOnlyNonRecursive: 'boolean',
        ReadOnlyForceRecursive: 'boolean',
      },
    },
    VolumeOptions: {
      fields: {
        NoCopy: 'boolean',
        Labels: STRING_MAP,
        DriverConfig: { fields: { Name: 'string', Options: STRING_MAP } },
        Subpath: 'string',
      },
    },
    ImageOptions: { fields: { Subpath: 'string' } },
    TmpfsOptions: { fields: { SizeBytes: 'number', Mode: 'number', Options: { list: STRINGS } } },
  },
};

const RESOURCES: Readonly<Record<string, Shape>> = {
  CpuShares: 'number',
  Memory: 'number',
  CgroupParent: 'string',
  BlkioWeight: 'number',
  BlkioWeightDevice: { list: { fields: { Path: 'string', Weight: 'number' } } },
  BlkioDeviceReadBps: THROTTLES,
  BlkioDeviceWriteBps: THROTTLES,
  BlkioDeviceReadIOps: THROTTLES,
  BlkioDeviceWriteIOps: THROTTLES,
  CpuPeriod: 'number',
  CpuQuota: 'number',
  CpuRealtimePeriod: 'number',
  CpuRealtimeRuntime: 'number',
  CpusetCpus: 'string',
  CpusetMems: 'string',
  Devices: { list: { fields: { PathOnHost: 'string', PathInContainer: 'string', CgroupPermissions: 'string' } } },
  DeviceCgroupRules: STRINGS,
  DeviceRequests: { list: 'any' },
  KernelMemory: 'number',
  KernelMemoryTCP: 'number',
  MemoryReservation: 'number',
  MemorySwap: 'number',
  MemorySwappiness: 'number',
  NanoCpus: 'number',
  OomKillDisable: 'boolean',
  Init: 'boolean',
  PidsLimit: 'number',
  Ulimits: { list: { fields: { Name: 'string', Soft: 'number', Hard: 'number' } } },
};

const RESTART_POLICY: Shape = { fields: { Name: 'string', MaximumRetryCount: 'number' } };

const HOST_CONFIG: Shape = {
  go: 'container.HostConfig',
  fields: {
    ...RESOURCES,
    Binds: STRINGS,
    ContainerIDFile: 'string',
    LogConfig: { fields: { Type: 'string', Config: STRING_MAP } },
    NetworkMode: 'string',
    PortBindings: { map: { list: { fields: { HostIp: 'string', HostPort: 'string' } } } },
    RestartPolicy: RESTART_POLICY,
    AutoRemove: 'boolean',
    VolumeDriver: 'string',
    VolumesFrom: STRINGS,
    Mounts: { list: MOUNT },
    ConsoleSize: { list: 'number' },
    Annotations: STRING_MAP,
    CapAdd: 'words',
    CapDrop: 'words',
    CgroupnsMode: 'string',
    Dns: STRINGS,
    DnsOptions: STRINGS,
    DnsSearch: STRINGS,
    ExtraHosts: STRINGS,
    GroupAdd: STRINGS,
    IpcMode: 'string',
    Cgroup: 'string',
    Links: STRINGS,
    OomScoreAdj: 'number',
    PidMode: 'string',
    Privileged: 'boolean',
    PublishAllPorts: 'boolean',
    ReadonlyRootfs: 'boolean',
    SecurityOpt: STRINGS,
    StorageOpt: STRING_MAP,
    Tmpfs: STRING_MAP,
    UTSMode: 'string',
    UsernsMode: 'string',
    ShmSize: 'number',
    Sysctls: STRING_MAP,
    Runtime: 'string',
    Isolation: 'string',
    MaskedPaths: STRINGS,
    ReadonlyPaths: STRINGS,
  },
};

/** What a container wishes for on one network. */
export const ENDPOINT: Shape = {
  fields: {
    IPAMConfig: { fields: { IPv4Address: 'string', IPv6Address: 'string', LinkLocalIPs: STRINGS } },
    Links: STRINGS,
    MacAddress: 'string',
    Aliases: STRINGS,
    DriverOpts: STRING_MAP,
    GwPriority: 'number',
    NetworkID: 'string',
    EndpointID: 'string',
  },
};

export interface CreateBody {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
}

interface RawCreate extends ContainerConfig {
  readonly HostConfig?: HostConfig;
  readonly NetworkingConfig?: { readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings | null>> };
}

/** The body of `POST /containers/create`. */
export function readCreateBody(body: unknown): CreateBody {
  const {
    HostConfig: hostConfig = {},
    NetworkingConfig,
    ...config
  } = readBody<RawCreate>(body, {
    go: 'container.CreateRequest',
    fields: {
      ...CONFIG,
      HostConfig: HOST_CONFIG,
      NetworkingConfig: { fields: { EndpointsConfig: { map: ENDPOINT } } },
    },
  });
  const endpoints = Object.entries(NetworkingConfig?.EndpointsConfig ?? {});
  const [empty] = endpoints.find(([, wish]) => wish === null) ?? [];
  if (empty !== undefined) {
    throw new EngineError('invalid', `invalid config for network ${empty}: EndpointsConfig is nil`);
  }
  return { config, hostConfig, endpoints: Object.fromEntries(endpoints) as Record<string, EndpointSettings> };
}

/** The `Config` of `POST /commit`. */
export function readConfigBody(body: unknown): ContainerConfig {
  return readBody<ContainerConfig>(body, { fields: CONFIG });
}

/** The body of `POST /containers/{id}/update`: limits and the restart policy. */
export function readUpdateBody(body: unknown): HostConfig {
  return readBody<HostConfig>(
    body,
    { fields: { ...RESOURCES, RestartPolicy: RESTART_POLICY }, go: 'container.UpdateConfig' },
    'UpdateConfig',
  );
}

export interface ExecBody {
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly ConsoleSize?: readonly number[];
  readonly DetachKeys?: string;
  readonly Tty?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Privileged?: boolean;
  readonly User?: string;
  readonly WorkingDir?: string;
}

/** The body of `POST /containers/{id}/exec`. */
export function readExecBody(body: unknown): ExecBody {
  const shape: Shape = {
    fields: {
      AttachStdin: 'boolean',
      AttachStdout: 'boolean',
      AttachStderr: 'boolean',
      ConsoleSize: { list: 'number' },
      DetachKeys: 'string',
      Tty: 'boolean',
      Env: STRINGS,
      Cmd: STRINGS,
      Privileged: 'boolean',
      User: 'string',
      WorkingDir: 'string',
    },
    go: 'container.ExecOptions',
  };
  return readBody<ExecBody>(body, shape, 'ExecOptions');
}

export interface ExecStartBody {
  readonly Detach?: boolean;
  readonly Tty?: boolean;
  readonly ConsoleSize?: readonly number[];
}

/** The body of `POST /exec/{id}/start`. */
export function readExecStartBody(body: unknown): ExecStartBody {
  const fields = { Detach: 'boolean', Tty: 'boolean', ConsoleSize: { list: 'number' } } as const;
  return readBody<ExecStartBody>(body, { fields, go: 'container.ExecStartOptions' }, 'ExecStartOptions');
}
