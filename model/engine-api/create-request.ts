/** The bodies that describe containers: create, update, exec. */
import { readBody, type Shape } from './body-shape.ts';
import { EngineError } from './errors.ts';
import type { ContainerConfig, EndpointSettings, HostConfig } from './types.ts';

const STRINGS: Shape = { list: 'string' };
const STRING_MAP: Shape = { map: 'string' };
const EMPTY: Shape = { fields: {}, go: 'struct {}' };
const DURATION: Shape = { scalar: 'int64', go: 'time.Duration' };
const mode = (name: string): Shape => ({ scalar: 'string', go: `container.${name}` });
const THROTTLES: Shape = {
  pointers: true,
  list: { fields: { Path: 'string', Rate: 'uint64' }, go: 'blkiodev.ThrottleDevice' },
};

const CONFIG: Readonly<Record<string, Shape>> = {
  Hostname: 'string',
  Domainname: 'string',
  User: 'string',
  AttachStdin: 'boolean',
  AttachStdout: 'boolean',
  AttachStderr: 'boolean',
  ExposedPorts: { map: EMPTY, go: 'nat.PortSet' },
  Tty: 'boolean',
  OpenStdin: 'boolean',
  StdinOnce: 'boolean',
  Env: STRINGS,
  Cmd: 'words',
  Healthcheck: {
    fields: {
      Test: STRINGS,
      Interval: DURATION,
      Timeout: DURATION,
      StartPeriod: DURATION,
      StartInterval: DURATION,
      Retries: 'int',
    },
    go: 'v1.HealthcheckConfig',
  },
  ArgsEscaped: 'boolean',
  Image: 'string',
  Volumes: { map: EMPTY },
  WorkingDir: 'string',
  Entrypoint: 'words',
  NetworkDisabled: 'boolean',
  MacAddress: 'string',
  OnBuild: STRINGS,
  Labels: STRING_MAP,
  StopSignal: 'string',
  StopTimeout: 'int',
  Shell: 'words',
};

const MOUNT: Shape = {
  go: 'mount.Mount',
  fields: {
    Target: 'string',
    Source: 'string',
    Type: { scalar: 'string', go: 'mount.Type' },
    ReadOnly: 'boolean',
    Consistency: { scalar: 'string', go: 'mount.Consistency' },
    BindOptions: {
      go: 'mount.BindOptions',
      fields: {
        Propagation: { scalar: 'string', go: 'mount.Propagation' },
        NonRecursive: 'boolean',
        CreateMountpoint: 'boolean',
        ReadOnlyNonRecursive: 'boolean',
        ReadOnlyForceRecursive: 'boolean',
      },
    },
    VolumeOptions: {
      go: 'mount.VolumeOptions',
      fields: {
        NoCopy: 'boolean',
        Labels: STRING_MAP,
        DriverConfig: { fields: { Name: 'string', Options: STRING_MAP }, go: 'mount.Driver' },
        Subpath: 'string',
      },
    },
    ImageOptions: { fields: { Subpath: 'string' }, go: 'mount.ImageOptions' },
    TmpfsOptions: {
      go: 'mount.TmpfsOptions',
      fields: { SizeBytes: 'int64', Mode: { scalar: 'uint32', go: 'fs.FileMode' }, Options: { list: STRINGS } },
    },
  },
};

const RESOURCES: Readonly<Record<string, Shape>> = {
  CpuShares: 'int64',
  Memory: 'int64',
  CgroupParent: 'string',
  BlkioWeight: 'uint16',
  BlkioWeightDevice: {
    pointers: true,
    list: { fields: { Path: 'string', Weight: 'uint16' }, go: 'blkiodev.WeightDevice' },
  },
  BlkioDeviceReadBps: THROTTLES,
  BlkioDeviceWriteBps: THROTTLES,
  BlkioDeviceReadIOps: THROTTLES,
  BlkioDeviceWriteIOps: THROTTLES,
  CpuPeriod: 'int64',
  CpuQuota: 'int64',
  CpuRealtimePeriod: 'int64',
  CpuRealtimeRuntime: 'int64',
  CpusetCpus: 'string',
  CpusetMems: 'string',
  Devices: {
    list: {
      go: 'container.DeviceMapping',
      fields: { PathOnHost: 'string', PathInContainer: 'string', CgroupPermissions: 'string' },
    },
  },
  DeviceCgroupRules: STRINGS,
  DeviceRequests: {
    list: {
      go: 'container.DeviceRequest',
      fields: {
        Driver: 'string',
        Count: 'int',
        DeviceIDs: STRINGS,
        Capabilities: { list: STRINGS },
        Options: STRING_MAP,
      },
    },
  },
  KernelMemory: 'int64',
  KernelMemoryTCP: 'int64',
  MemoryReservation: 'int64',
  MemorySwap: 'int64',
  MemorySwappiness: 'int64',
  NanoCpus: 'int64',
  OomKillDisable: 'boolean',
  Init: 'boolean',
  PidsLimit: 'int64',
  Ulimits: { pointers: true, list: { fields: { Name: 'string', Soft: 'int64', Hard: 'int64' }, go: 'units.Ulimit' } },
  CpuCount: 'int64',
  CpuPercent: 'int64',
  IOMaximumIOps: 'uint64',
  IOMaximumBandwidth: 'uint64',
};

const RESTART_POLICY: Shape = {
  go: 'container.RestartPolicy',
  fields: { Name: mode('RestartPolicyMode'), MaximumRetryCount: 'int' },
};

const HOST_CONFIG: Shape = {
  go: 'container.HostConfig',
  fields: {
    ...RESOURCES,
    Binds: STRINGS,
    ContainerIDFile: 'string',
    LogConfig: { fields: { Type: 'string', Config: STRING_MAP }, go: 'container.LogConfig' },
    NetworkMode: mode('NetworkMode'),
    PortBindings: {
      map: { list: { fields: { HostIp: 'string', HostPort: 'string' }, go: 'nat.PortBinding' } },
      go: 'nat.PortMap',
    },
    RestartPolicy: RESTART_POLICY,
    AutoRemove: 'boolean',
    VolumeDriver: 'string',
    VolumesFrom: STRINGS,
    Mounts: { list: MOUNT },
    ConsoleSize: { list: 'uint', length: 2 },
    Annotations: STRING_MAP,
    CapAdd: 'words',
    CapDrop: 'words',
    CgroupnsMode: mode('CgroupnsMode'),
    Dns: STRINGS,
    DnsOptions: STRINGS,
    DnsSearch: STRINGS,
    ExtraHosts: STRINGS,
    GroupAdd: STRINGS,
    IpcMode: mode('IpcMode'),
    Cgroup: mode('CgroupSpec'),
    Links: STRINGS,
    OomScoreAdj: 'int',
    PidMode: mode('PidMode'),
    Privileged: 'boolean',
    PublishAllPorts: 'boolean',
    ReadonlyRootfs: 'boolean',
    SecurityOpt: STRINGS,
    StorageOpt: STRING_MAP,
    Tmpfs: STRING_MAP,
    UTSMode: mode('UTSMode'),
    UsernsMode: mode('UsernsMode'),
    ShmSize: 'int64',
    Sysctls: STRING_MAP,
    Runtime: 'string',
    Isolation: mode('Isolation'),
    MaskedPaths: STRINGS,
    ReadonlyPaths: STRINGS,
  },
};

/** What a container wishes for on one network. */
export const ENDPOINT: Shape = {
  go: 'network.EndpointSettings',
  fields: {
    IPAMConfig: {
      go: 'network.EndpointIPAMConfig',
      fields: { IPv4Address: 'string', IPv6Address: 'string', LinkLocalIPs: STRINGS },
    },
    Links: STRINGS,
    MacAddress: 'string',
    Aliases: STRINGS,
    DriverOpts: STRING_MAP,
    GwPriority: 'int',
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
      NetworkingConfig: {
        fields: { EndpointsConfig: { map: ENDPOINT, pointers: true } },
        go: 'network.NetworkingConfig',
      },
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
      ConsoleSize: { list: 'uint', length: 2 },
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
  const fields = { Detach: 'boolean', Tty: 'boolean', ConsoleSize: { list: 'uint', length: 2 } } as const;
  return readBody<ExecStartBody>(body, { fields, go: 'container.ExecStartOptions' }, 'ExecStartOptions');
}
