/** `DELETE /containers/{id}` */
import { EngineError } from '#model/engine-api/errors.ts';
import { announce, type Container, isRunning, onceUnread, tellWaiters } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { removeLink } from './links.ts';
import { releaseMounts } from './mounts.ts';
import { containerPaths, removeContainerDirectories, unmountRootfs } from './rootfs.ts';
import { untilSettled } from './until-settled.ts';

export interface RemoveOptions {
  /** Anonymous volumes of the container too. */
  readonly volumes: boolean;
}

const SIGKILL = 9;

/** Removes a container that does not run; the caller holds its lock. */
export async function removeLocked(
  context: ContainerContext,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  const { record } = container;
  container.cancelRestart?.();
  container.cancelRestart = undefined;
  const removing = { state: { ...record.state, status: 'removing' as const }, removeVolumes: options.volumes };
  context.store.save(container, removing);
  await unmountRootfs(context, record.id);
  await removeContainerDirectories(containerPaths(context.dataRoot, record.id), { keepLog: container.logReaders > 0 });
  await releaseMounts(context, record, { removeAnonymous: options.volumes });
  context.store.delete(container);
  onceUnread(container, () => void removeContainerDirectories(containerPaths(context.dataRoot, record.id)));
  announce(container, 'ended');
  publish(context, container, 'destroy');
  tellWaiters(container, ['not-running', 'next-exit', 'removed'], record.state.exitCode);
}

/** Ends a running container at once and waits until it has been dealt with. */
async function forceStop(context: ContainerContext, container: Container): Promise<void> {
  container.cancelRestart?.();
  const { record, run } = container;
  context.store.save(container, { state: { ...record.state, manuallyStopped: true } });
  if (!isRunning(container) || run === undefined || record.state.process === undefined) return;
  publish(context, container, 'kill', { signal: String(SIGKILL) });
  if (record.state.status === 'paused') await context.runtime.resume(container.id).catch(() => {});
  context.host.kill(record.state.process.pid, SIGKILL);
  await untilSettled(context, container);
}

export async function removeContainer(
  context: ContainerContext,
  reference: string,
  options: RemoveOptions & { readonly force: boolean; readonly link?: boolean },
): Promise<void> {
  const container = context.store.find(reference);
  if (options.link) {
    removeLink(context, reference);
    return;
  }
  const named = (error: unknown): unknown =>
    error instanceof EngineError && error.code === 'conflict'
      ? new EngineError('conflict', `cannot remove container ${JSON.stringify(reference)}: ${error.message}`)
      : error;
  if (options.force) {
    // A restart policy may start it again between the two locks.
    await container.lock.run(async () => container.cancelRestart?.());
    await forceStop(context, container);
  }
  await container.lock.run(async () => {
    // The container removed itself (--rm) as it ended.
    if (context.store.byId(container.id) === undefined) return;
    try {
      if (!(options.force && container.record.state.status === 'restarting')) {
        checkVerb('remove', container.record.state.status, container.id);
      }
    } catch (error) {
      throw named(error);
    }
    await removeLocked(context, container, options);
  });
}
