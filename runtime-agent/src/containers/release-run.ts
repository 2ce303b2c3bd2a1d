import type { ContainerContext } from './context.ts';
import { closeSharedMemory } from './shared-memory.ts';
import { unmountRootfs } from './rootfs.ts';

/** Frees what a run of a container used, whatever is there of it: processes, cgroup, root file system, network. */
export async function releaseRun(context: ContainerContext, id: string): Promise<void> {
  const removed = await Promise.allSettled([
    context.runtime.remove(id),
    unmountRootfs(context, id),
    closeSharedMemory(context, id),
    context.networks.close(id),
  ]);
  for (const result of removed) {
    if (result.status === 'rejected') context.warn(`cleaning up after container ${id}`, result.reason);
  }
}
