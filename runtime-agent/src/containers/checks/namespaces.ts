/** Namespace modes, and what cannot be had together with another container's network. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HostConfig } from '#model/engine-api/types.ts';

const invalid = (message: string): EngineError => new EngineError('invalid', message);

export function checkNamespaces(host: HostConfig): void {
  const pid = host.PidMode ?? '';
  if (pid !== '' && pid !== 'host' && !/^container:.+/.test(pid)) throw invalid(`invalid PID mode: ${pid}`);
  const ipc = host.IpcMode ?? '';
  if (!['', 'none', 'host', 'private', 'shareable'].includes(ipc) && !ipc.startsWith('container:')) {
    throw invalid(`invalid IPC mode: ${ipc}`);
  }
  if (!['', 'host'].includes(host.UTSMode ?? '')) throw invalid(`invalid UTS mode: ${host.UTSMode}`);
  if (!['', 'host', 'private'].includes(host.CgroupnsMode ?? '')) {
    throw invalid(`invalid cgroup namespace mode: ${host.CgroupnsMode}`);
  }
}

export const HOST_AND_LINKS =
  "conflicting options: host type networking can't be used with links. This would result in undefined behavior";

/** Who joins another container's network takes it as it is. */
export function checkNetworkMode(config: ContainerConfig, host: HostConfig): void {
  if (host.UTSMode === 'host' && config.Hostname) throw invalid('conflicting options: hostname and the UTS mode');
  const mode = host.NetworkMode ?? '';
  if (mode !== 'container' && !mode.startsWith('container:')) {
    if (mode === 'host' && host.Links?.length) {
      throw invalid(HOST_AND_LINKS);
    }
    return;
  }
  if (mode === 'container' || mode === 'container:')
    throw invalid('invalid network mode: invalid container format container:<name|id>');
  const conflict = (what: string): EngineError => invalid(`conflicting options: ${what}`);
  if (host.Links?.length) {
    throw conflict("container type network can't be used with links. This would result in undefined behavior");
  }
  if (config.Hostname) throw conflict('hostname and the network mode');
  if (host.Dns?.length) throw conflict('dns and the network mode');
  if (host.ExtraHosts?.length) throw conflict('custom host-to-IP mapping and the network mode');
  if (host.PublishAllPorts || Object.keys(host.PortBindings ?? {}).length > 0) {
    throw conflict('port publishing and the container type network mode');
  }
  if (Object.keys(config.ExposedPorts ?? {}).length > 0) {
    throw conflict('port exposing and the container type network mode');
  }
}
