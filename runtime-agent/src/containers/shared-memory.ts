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
  if (mode.startsWith('container:')) return sharedMemoryOf(context, mode.slice('container:'.length));
  if (mode !== 'shareable') return undefined;
  const { shm } = containerPaths(context.dataRoot, record.id);
  await mkdir(shm, { recursive: true, mode: 0o700 });
  const size = record.hostConfig.ShmSize || DEFAULT_SHM_SIZE;
  const { uid, gid } = context.host.ids.root;
  const options = `nosuid,noexec,nodev,mode=1777,size=${size},uid=${uid},gid=${gid}`;
  await context.host.mount(['-t', 'tmpfs', '-o', options, 'shm', shm]);
  return shm;
}

/** That of a container that may itself have the host's, or another's. */
function sharedMemoryOf(context: ContainerContext, reference: string): string {
  const join = 'failed to join IPC namespace';
  if (reference === '') throw new EngineError('invalid', `${join}: invalid name or ID supplied: ""`);
  const other = context.store.find(reference);
  if (!isRunning(other)) throw new EngineError('conflict', `${join}: container ${other.id} is not running`);
  const { hostConfig, mounts } = other.record;
  const mode = hostConfig.IpcMode ?? '';
  if (mode === 'host') return '/dev/shm';
  if (mode.startsWith('container:')) return sharedMemoryOf(context, mode.slice('container:'.length));
  const mounted = [...mounts.map(({ destination }) => destination), ...Object.keys(hostConfig.Tmpfs ?? {})];
  if (mode === 'shareable' && !mounted.includes('/dev/shm')) return containerPaths(context.dataRoot, other.id).shm;
  const hint = '(hint: use IpcMode:shareable for the donor container)';
  throw new EngineError('invalid', `${join}: container ${other.id}: non-shareable IPC ${hint}`);
}

/** Nothing there is no error. */
export async function closeSharedMemory(context: ContainerContext, id: string): Promise<void> {
  const { shm } = containerPaths(context.dataRoot, id);
  if ((await mountTable())(shm)) await context.host.unmount(shm);
}
