/** What bodies of older API versions mean: fields that came later are not theirs, and defaults that were others (moby's version history of the API). */
import type { CreateBody } from '#model/engine-api/create-request.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig, Mount } from '#model/engine-api/types.ts';
import type { CreateRequest } from '../containers/create.ts';
import { compareVersions } from './version.ts';

/** Throws EngineError('invalid') for what the version had not got yet and cannot be left out. */
export function createForVersion(
  body: CreateBody,
  version: string,
): CreateBody & Pick<CreateRequest, 'readOnlyNonRecursive'> {
  const before = (other: string): boolean => compareVersions(version, other) < 0;
  const names = Object.keys(body.endpoints).sort();
  if (before('1.44') && names.length > 1) {
    const text = `Container cannot be created with multiple network endpoints: ${names.join(', ')}`;
    throw new EngineError('invalid', text);
  }
  if (before('1.45') && body.hostConfig.Mounts?.some((mount) => mount.VolumeOptions?.Subpath)) {
    throw new EngineError('invalid', 'VolumeOptions.Subpath needs API v1.45 or newer');
  }
  const { StartInterval: _later, ...Healthcheck } = body.config.Healthcheck ?? {};
  const health = body.config.Healthcheck && before('1.44') ? { Healthcheck } : {};
  return {
    ...body,
    config: { ...body.config, ...health },
    hostConfig: hostForVersion(body.hostConfig, before),
    readOnlyNonRecursive: before('1.44'),
  };
}

function hostForVersion(given: HostConfig, before: (version: string) => boolean): HostConfig {
  const { Annotations, CgroupnsMode, ConsoleSize, ...host } = given;
  return {
    ...host,
    ...(Annotations !== undefined && !before('1.43') && { Annotations }),
    ...(ConsoleSize !== undefined && !before('1.42') && { ConsoleSize }),
    ...(CgroupnsMode !== undefined && !before('1.40') && { CgroupnsMode }),
    // Others were expected to join it.
    ...(before('1.40') && !host.IpcMode && { IpcMode: 'shareable' }),
    ...(host.Mounts && { Mounts: host.Mounts.map((mount) => mountForVersion(mount, before)) }),
  };
}

function mountForVersion(mount: Mount, before: (version: string) => boolean): Mount {
  const { BindOptions: bind, ...rest } = mount;
  return {
    ...rest,
    ...(bind !== undefined && {
      BindOptions: {
        ...bind,
        ...(before('1.40') && { NonRecursive: false }),
        ...(before('1.42') && { CreateMountpoint: false }),
        ...(before('1.44') && { ReadOnlyNonRecursive: false, ReadOnlyForceRecursive: false }),
      },
    }),
  };
}

/** The body of an update, as `createForVersion`. */
export function updateForVersion({ PidsLimit, ...update }: HostConfig, version: string): HostConfig {
  return compareVersions(version, '1.40') < 0 || PidsLimit === undefined ? update : { ...update, PidsLimit };
}
