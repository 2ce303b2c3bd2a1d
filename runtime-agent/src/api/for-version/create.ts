/** What the body of a creation means to the client's version of the API: later fields are not its, defaults were others. */
import type { CreateBody } from '#model/engine-api/create-request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HostConfig, Mount } from '#model/engine-api/types.ts';
import type { CreateRequest } from '../../containers/create.ts';
import type { Before } from '../version.ts';
import { withInterfaceSettings } from './interface-settings.ts';

export interface CreateForVersion {
  readonly body: CreateBody & Pick<CreateRequest, 'readOnlyNonRecursive'>;
  /** To be told besides those of the creation. */
  readonly warnings: readonly string[];
}

/**
 * Throws EngineError('invalid') for what the version had not got yet and cannot be left out.
 * @param cgroup2 whether the machine's cgroups are of version 2
 */
export function createForVersion(given: CreateBody, before: Before, cgroup2: boolean): CreateForVersion {
  const isDefault = ['', 'default'].includes(given.hostConfig.NetworkMode ?? '');
  const host = isDefault ? { ...given.hostConfig, NetworkMode: 'bridge' } : given.hostConfig;
  const hostConfig = hostForVersion(host, before, cgroup2);
  const config = configForVersion(given.config, before);
  const endpoints = endpointsForVersion(isDefault ? withBridge(given.endpoints) : given.endpoints, before);
  const { body, warnings } = withInterfaceSettings({ config, hostConfig, endpoints }, before);
  return {
    body: { ...body, readOnlyNonRecursive: before('1.44') },
    warnings: [...driverWarnings(hostConfig, before), ...warnings],
  };
}

function configForVersion(config: ContainerConfig, before: Before): ContainerConfig {
  if (!config.Healthcheck || !before('1.44')) return config;
  const { StartInterval: _later, ...Healthcheck } = config.Healthcheck;
  return { ...config, Healthcheck };
}

type Endpoints = CreateBody['endpoints'];

/** With the name that the network has. */
function withBridge({ default: standard, ...others }: Endpoints): Endpoints {
  return standard === undefined ? others : { ...others, bridge: standard };
}

function endpointsForVersion(given: Endpoints, before: Before): Endpoints {
  const names = Object.keys(given).sort();
  if (before('1.44') && names.length > 1) {
    const text = `Container cannot be created with multiple network endpoints: ${names.join(', ')}`;
    throw new EngineError('invalid', text);
  }
  if (!before('1.48')) return given;
  // All were equal.
  return Object.fromEntries(Object.entries(given).map(([name, endpoint]) => [name, { ...endpoint, GwPriority: 0 }]));
}

function hostForVersion(given: HostConfig, before: Before, cgroup2: boolean): HostConfig {
  const { Annotations, ConsoleSize, KernelMemory, KernelMemoryTCP, ...host } = given;
  return {
    ...host,
    ...(Annotations !== undefined && !before('1.43') && { Annotations }),
    ...(ConsoleSize !== undefined && !before('1.42') && { ConsoleSize }),
    ...(KernelMemory !== undefined && before('1.42') && { KernelMemory }),
    ...(KernelMemoryTCP !== undefined && !before('1.40') && { KernelMemoryTCP }),
    // The client removes it.
    ...(before('1.25') && { AutoRemove: false }),
    // Others were expected to join it.
    ...(before('1.40') && !host.IpcMode && { IpcMode: 'shareable' as const }),
    ...(before('1.41') && !cgroup2 && !host.CgroupnsMode && { CgroupnsMode: 'host' as const }),
    ...(host.Mounts && { Mounts: host.Mounts.map((mount) => mountForVersion(mount, before)) }),
  };
}

const OPTIONS = [
  ['VolumeOptions', 'volume'],
  ['BindOptions', 'bind'],
  ['TmpfsOptions', 'tmpfs'],
] as const;

function mountForVersion(mount: Mount, before: Before): Mount {
  const { BindOptions: bind, ...rest } = mount;
  const refuse = (what: string, version: string): never => {
    throw new EngineError('invalid', `${what} needs API v${version} or newer`);
  };
  if (before('1.44') && mount.Type === 'bind' && bind?.ReadOnlyForceRecursive) {
    refuse('BindOptions.ReadOnlyForceRecursive', '1.44');
  }
  if (before('1.45') && mount.VolumeOptions?.Subpath) refuse('VolumeOptions.Subpath', '1.45');
  if (before('1.48') && mount.Type === 'image') refuse('Mount type "Image"', '1.48');
  // Those of another type were not looked at.
  const foreign = before('1.42') ? undefined : OPTIONS.find(([name, type]) => mount[name] && mount.Type !== type)?.[0];
  if (foreign !== undefined) {
    throw new EngineError(
      'invalid',
      `${foreign} must not be specified on mount type ${JSON.stringify(mount.Type ?? '')}`,
    );
  }
  return {
    ...rest,
    ...(bind !== undefined && {
      BindOptions: {
        ...bind,
        ...(before('1.40') && { NonRecursive: false }),
        ...(before('1.42') && { CreateMountpoint: false }),
      },
    }),
  };
}

/** Clients said so themselves, once. */
function driverWarnings({ VolumeDriver, Mounts = [] }: HostConfig, before: Before): readonly string[] {
  if (!VolumeDriver || before('1.48')) return [];
  const drives = Mounts.some(({ Type, VolumeOptions }) => Type === 'volume' && !VolumeOptions?.DriverConfig?.Name);
  const how = "Use '--mount type=volume,volume-driver=...' instead";
  const what = "the container-wide volume-driver configuration is ignored for volumes specified via 'mount'";
  return drives ? [`WARNING: ${what}. ${how}`] : [];
}
