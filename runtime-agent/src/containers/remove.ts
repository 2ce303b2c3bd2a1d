/** `DELETE /containers/{id}` */
import { EngineError } from '#model/engine-api/errors.ts';
import { announce, type Container, isRunning, onceUnread, tellWaiters } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { removeLink } from './links.ts';
import { releaseMounts } from './mounts.ts';
import { containerPaths, removeContainerDirectories, unmountRootfs } from './rootfs.ts';

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
  container.beingRemoved = true;
  const saveAs = (status: 'removing' | 'dead'): void =>
    context.store.save(container, { state: { ...record.state, status }, removeVolumes: options.volumes });
  saveAs('removing');
  try {
    await unmountRootfs(context, record.id);
    const keep = { keepLog: container.logReaders > 0 };
    await removeContainerDirectories(containerPaths(context.dataRoot, record.id), keep);
    await releaseMounts(context, record, { removeAnonymous: options.volumes });
  } catch (error) {
    // It cannot be started any more, but removed again.
    saveAs('dead');
    container.beingRemoved = false;
    throw error;
  }
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
  await run.settled;
}

/** Throws 'conflict' when the container may not be removed as it is now. */
function checkRemovable(container: Container, reference: string, force: boolean): void {
  const { status } = container.record.state;
  if (force && status === 'restarting') return;
  try {
    checkVerb('remove', status, container.id);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, `cannot remove container ${JSON.stringify(reference)}: ${error.message}`);
  }
}

export async function removeContainer(
  context: ContainerContext,
  reference: string,
  options: RemoveOptions & { readonly force: boolean; readonly link?: boolean },
): Promise<void> {
  const container = context.store.find(reference);
  if (container.beingRemoved) {
    throw new EngineError('conflict', `removal of container ${reference} is already in progress`);
  }
  if (options.link) {
    removeLink(context, reference);
    return;
  }
  // A restart that waits for the container's end, by a person or by policy, gives up.
  container.beingRemoved = true;
  try {
    if (options.force) {
      // What starts it at this moment is waited for.
      await container.lock.run(async () => container.cancelRestart?.());
      await forceStop(context, container);
    }
    await container.lock.run(async () => {
      // The container removed itself (--rm) as it ended.
      if (context.store.byId(container.id) === undefined) return;
      checkRemovable(container, reference, options.force);
      await removeLocked(context, container, options);
    });
  } catch (error) {
    container.beingRemoved = false;
    throw error;
  }
}
