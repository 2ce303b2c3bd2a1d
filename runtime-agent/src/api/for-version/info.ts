import type { SystemInfo } from '#model/engine-api/types.ts';
import type { Before } from '../version.ts';

/** `seccomp` of `name=seccomp,profile=builtin`: names were all that there was. */
const nameOfOption = (option: string): string => /^name=([^,]*)/.exec(option)?.[1] ?? option;

/** As it goes on the wire: null where Go has a list of nothing, and the fields that there were until a version. */
export function infoForVersion(info: SystemInfo, before: Before): object {
  const commit = (name: 'RuncCommit' | 'InitCommit'): object => ({ ...info[name], Expected: info[name]?.ID ?? '' });
  const registries = { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null };
  const mirrors = info.RegistryConfig?.Mirrors ?? [];
  const warnings = info.Warnings ?? [];
  return {
    ...info,
    ...(before('1.25') && { SecurityOptions: info.SecurityOptions?.map(nameOfOption) }),
    GenericResources: null,
    Warnings: warnings.length === 0 ? null : warnings,
    Plugins: { ...info.Plugins, Authorization: null },
    RegistryConfig: {
      ...(before('1.47') && registries),
      ...info.RegistryConfig,
      Mirrors: mirrors.length === 0 ? null : mirrors,
    },
    ...(!before('1.49') && { FirewallBackend: { Driver: 'nftables' } }),
    // The kernel has had both or neither.
    ...(before('1.42') && { KernelMemory: info.KernelMemoryTCP ?? false }),
    ...(before('1.49') && { RuncCommit: commit('RuncCommit'), InitCommit: commit('InitCommit') }),
    ...(before('1.50') && { BridgeNfIptables: false, BridgeNfIp6tables: false }),
  };
}
