/** /dev/shm where containers share it (`--ipc shareable`, `--ipc container:…`): a tmpfs on the host, bound into each. */
import { mkdir } from 'node:fs/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import { isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import type { ContainerRecord } from './record.ts';
import { containerPaths, mountTable } from './rootfs.ts';
import { DEFAULT_SHM_SIZE } from './spec/mounts.ts';

/** @returns what to bind over /dev/shm; undefined for a /dev/shm of the container's own */
export async function openSharedMemory(
  context: ContainerContext,
  record: ContainerRecord,
): Promise<string | undefined> {
  const mode = record.hostConfig.IpcMode ?? '';
  if (mode === 'host') return '/dev/shm';
  if (mode.startsWith('container:')) {
    const other = context.store.find(mode.slice('container:'.length));
    if (!isRunning(other)) {
      throw new EngineError('conflict', `failed to join IPC namespace: container ${other.id} is not running`);
    }
    if (other.record.hostConfig.IpcMode === 'shareable') return containerPaths(context.dataRoot, other.id).shm;
    const text = `can't join IPC of container ${other.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`;
    throw new EngineError('conflict', text);
  }
  if (mode !== 'shareable') return undefined;
  const { shm } = containerPaths(context.dataRoot, record.id);
  await mkdir(shm, { recursive: true, mode: 0o700 });
  const size = record.hostConfig.ShmSize || DEFAULT_SHM_SIZE;
  const { uid, gid } = context.host.ids.root;
  const options = `nosuid,noexec,nodev,mode=1777,size=${size},uid=${uid},gid=${gid}`;
  await context.host.mount(['-t', 'tmpfs', '-o', options, 'shm', shm]);
  return shm;
}

/** Nothing there is no error. */
export async function closeSharedMemory(context: ContainerContext, id: string): Promise<void> {
  const { shm } = containerPaths(context.dataRoot, id);
  if ((await mountTable())(shm)) await context.host.unmount(shm);
}
