/** `--userns`, and what cannot be had together with remapped users. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { IdMapping } from '../host/id-mapping.ts';

/** Whether the container gets a user namespace of its own. */
export function isRemapped(ids: IdMapping, host: HostConfig): boolean {
  return ids.ranges !== undefined && host.UsernsMode !== 'host';
}

/** Throws EngineError('invalid') in dockerd's words. */
export function checkUserNamespace(ids: IdMapping, host: HostConfig): void {
  if (!isRemapped(ids, host)) return;
  const conflict = (text: string): EngineError => new EngineError('invalid', text);
  if (host.Privileged) {
    const advice = 'You must run the container in the host namespace when running privileged mode';
    throw conflict(`privileged mode is incompatible with user namespaces.  ${advice}`);
  }
  if (host.NetworkMode === 'host') {
    throw conflict("cannot share the host's network namespace when user namespaces are enabled");
  }
  if (host.PidMode === 'host') throw conflict('cannot share the host PID namespace when user namespaces are enabled');
}
