/** Containers as clients of old versions of the API are shown them. */
import type { ContainerInspectResponse, ContainerSummary } from '#model/engine-api/types.ts';
import type { Before } from '../version.ts';

/** Before 1.45 names that every container has on its networks were among its aliases. */
export function containerForVersion(shown: ContainerInspectResponse, before: Before): ContainerInspectResponse {
  const { NetworkSettings: network, Id, Config } = shown;
  if (!before('1.45') || !network?.Networks) return shown;
  const names = [Id?.slice(0, 12) ?? '', Config?.Hostname ?? ''];
  const Networks = Object.fromEntries(
    Object.entries(network.Networks).map(([name, endpoint]) => {
      if (['bridge', 'host', 'none', 'default'].includes(name)) return [name, endpoint];
      return [name, { ...endpoint, Aliases: [...new Set([...(endpoint.Aliases ?? []), ...names])] }];
    }),
  );
  return { ...shown, NetworkSettings: { ...network, Networks } };
}

/** Before 1.46 lists told no annotations. */
export function summaryForVersion(shown: ContainerSummary, before: Before): ContainerSummary {
  if (!before('1.46')) return shown;
  const { Annotations: _later, ...HostConfig } = shown.HostConfig ?? {};
  return { ...shown, HostConfig };
}
