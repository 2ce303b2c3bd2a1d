/** Whether a container may set what it asks to set of the kernel. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';

/** Namespaced by the kernel, so that a container may set them. */
const IPC_SYSCTLS = new Set(
  [
    'kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem',
    'kernel.shmall kernel.shmmax kernel.shmmni kernel.shm_rmid_forced',
  ].flatMap((line) => line.split(' ')),
);

/** Not every runtime looks at them. Throws EngineError('internal') in the words of runc. */
export function checkSysctls(host: HostConfig): void {
  const refused = (text: string): EngineError => {
    const prefix = 'failed to create task for container: failed to create shim task: OCI runtime create failed';
    return new EngineError('internal', `${prefix}: runc create failed: ${text}`);
  };
  for (const name of Object.keys(host.Sysctls ?? {})) {
    const dotted = name.replaceAll('/', '.');
    const net = dotted.startsWith('net.');
    if (net && host.NetworkMode === 'host') {
      throw refused(`sysctl ${JSON.stringify(name)} not allowed in host network namespace`);
    }
    // Named by the UTS namespace.
    if (dotted === 'kernel.domainname' && host.UTSMode !== 'host') continue;
    if (!net && !dotted.startsWith('fs.mqueue.') && !IPC_SYSCTLS.has(dotted)) {
      throw refused(`sysctl ${JSON.stringify(name)} is not in a separate kernel namespace`);
    }
  }
}
