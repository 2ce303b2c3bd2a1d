import type { HostConfig } from '#model/engine-api/types.ts';
import type { OciNamespace } from '#model/oci/runtime-spec.ts';

/** Namespaces of others that a container joins: paths such as /proc/PID/ns/ipc. */
export interface JoinedNamespaces {
  /** Made by the engine; undefined with the host's network. */
  readonly network: string | undefined;
  readonly pid?: string | undefined;
  readonly ipc?: string | undefined;
  /** That owns the others; undefined: the host's. */
  readonly user?: string | undefined;
}

/** With --cgroupns unset: private on cgroup v2, the host's on v1, as Docker has it. */
export function containerNamespaces(host: HostConfig, joined: JoinedNamespaces): OciNamespace[] {
  const one = (type: OciNamespace['type'], mode: string | undefined, path?: string): OciNamespace[] => {
    if (mode === 'host') return [];
    return [path === undefined ? { type } : { type, path }];
  };
  return [
    { type: 'mount' },
    ...(joined.user === undefined ? [] : [{ type: 'user' as const, path: joined.user }]),
    ...(joined.network === undefined ? [] : [{ type: 'network' as const, path: joined.network }]),
    ...one('pid', host.PidMode, joined.pid),
    ...one('ipc', host.IpcMode, joined.ipc),
    ...one('uts', host.UTSMode),
    ...(host.CgroupnsMode === 'private' ? [{ type: 'cgroup' as const }] : []),
  ];
}
