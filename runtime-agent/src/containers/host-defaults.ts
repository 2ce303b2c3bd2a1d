import type { HostConfig } from '#model/engine-api/types.ts';
import type { ContainerDefaults } from './context.ts';

/** A HostConfig with the engine's configured defaults where it says nothing itself. As dockerd merges them. */
export function withHostDefaults(host: HostConfig, defaults: ContainerDefaults): HostConfig {
  const driver = host.LogConfig?.Type || defaults.log.driver;
  // Options of another driver mean nothing to this one, but the local copy's do.
  const options = Object.entries(defaults.log.options).filter(
    ([name]) => driver === defaults.log.driver || name.startsWith('cache-'),
  );
  const own = host.Ulimits ?? [];
  const ulimits = defaults.ulimits.filter(({ Name }) => !own.some((limit) => limit.Name === Name));
  const security = host.SecurityOpt ?? [];
  const named = (option: string): boolean => security.some((text) => text.split(/[=:]/)[0] === option);
  const profile = defaults.seccompProfile;
  const addedSecurity = [
    ...(defaults.noNewPrivileges && !named('no-new-privileges') ? ['no-new-privileges'] : []),
    ...(profile !== undefined && !host.Privileged && !named('seccomp') ? [`seccomp=${profile}`] : []),
  ];
  return {
    ...host,
    LogConfig: { Type: driver, Config: { ...Object.fromEntries(options), ...host.LogConfig?.Config } } as NonNullable<
      HostConfig['LogConfig']
    >,
    ...(ulimits.length > 0 ? { Ulimits: [...own, ...ulimits] } : {}),
    ...(addedSecurity.length > 0 ? { SecurityOpt: [...security, ...addedSecurity] } : {}),
    ...(host.ShmSize || defaults.shmSize === undefined ? {} : { ShmSize: defaults.shmSize }),
    ...(host.IpcMode || defaults.ipcMode === undefined ? {} : { IpcMode: defaults.ipcMode }),
    ...(host.CgroupnsMode || defaults.cgroupnsMode === undefined
      ? {}
      : { CgroupnsMode: defaults.cgroupnsMode as NonNullable<HostConfig['CgroupnsMode']> }),
    ...(host.CgroupParent || defaults.cgroupParent === undefined ? {} : { CgroupParent: defaults.cgroupParent }),
    ...(host.Runtime ? {} : { Runtime: defaults.runtime }),
  };
}
