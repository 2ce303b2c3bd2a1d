/** At start-up: finds running containers again, deals with what ended meanwhile, sweeps what was half-made. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ANONYMOUS_LABEL } from '../volumes/volume-record.ts';
import { type Container, createRun, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { scheduleRestart, settleExit } from './exit.ts';
import { startHealthMonitor } from './health.ts';
import { watchForOom } from './oom-watch.ts';
import { resumeLogShipping } from './log-shipping.ts';
import { removeLocked } from './remove.ts';
import { startsWithEngine } from './restart-policy.ts';
import { containerPaths, mountTable, unmountRootfs } from './rootfs.ts';
import { sandboxRequest } from './sandbox-request.ts';
import { closeSharedMemory } from './shared-memory.ts';
import { startLocked } from './start.ts';
import { sweepParts } from './volume-subpath.ts';

/** What Docker records for containers whose end nobody saw. */
const UNKNOWN_EXIT = 255;

interface Survivors {
  readonly running: readonly Container[];
  readonly ended: readonly Container[];
}

function sortOut(context: ContainerContext): Survivors {
  const running: Container[] = [];
  const ended: Container[] = [];
  for (const container of context.store.all()) {
    const { process } = container.record.state;
    if (!isRunning(container)) continue;
    container.run = createRun();
    const exit = context.exits.find(container.id);
    if (exit === undefined && process !== undefined && context.runtime.alive(process)) running.push(container);
    else ended.push(container);
  }
  return { running, ended };
}

/** What an engine that was killed left half-made: directories without a container, runs that never began. */
async function sweep(context: ContainerContext): Promise<void> {
  const live = new Set(
    context.store
      .all()
      .filter((container) => container.run !== undefined)
      .map(({ id }) => id),
  );
  await context.runtime.sweep(live);
  await sweepParts(context.host, context.dataRoot);
  const root = path.join(context.dataRoot, 'containers');
  const names = await readdir(root).catch(() => []);
  const mounted = await mountTable();
  for (const id of names.filter((name) => !live.has(name) && !name.startsWith('.'))) {
    if (mounted(containerPaths(context.dataRoot, id).rootfs)) await unmountRootfs(context, id);
    if (mounted(containerPaths(context.dataRoot, id).shm)) await closeSharedMemory(context, id);
    if (context.store.byId(id) === undefined) await rm(path.join(root, id), { recursive: true, force: true });
  }
}

/** Volumes that containers used which were never finished, or were being removed. */
async function sweepVolumes(context: ContainerContext): Promise<void> {
  for (const { Name = '', Labels = {} } of context.volumes.list()) {
    const strangers = context.volumes.users(Name).filter((id) => context.store.byId(id) === undefined);
    for (const id of strangers) await context.volumes.release(Name, id);
    const unused = context.volumes.users(Name).length === 0;
    const anonymous = Labels !== null && ANONYMOUS_LABEL in Labels;
    if (strangers.length > 0 && unused && anonymous) await context.volumes.remove(Name, false);
  }
}

/** An engine that was killed between making a container and letting it go has left it waiting. */
function completeStart(context: ContainerContext, container: Container): void {
  const { process } = container.record.state;
  if (process === undefined) return;
  context.runtime.completeStart(container.id, process).catch((error: unknown) => {
    context.warn(`completing the start of container ${container.id}`, error);
  });
}

async function bringUp(context: ContainerContext, container: Container): Promise<void> {
  await container.lock.run(async () => {
    const { status } = container.record.state;
    if (status === 'removing') {
      return await removeLocked(context, container, { volumes: container.record.removeVolumes === true });
    }
    if (status === 'restarting') return scheduleRestart(context, container);
    if (container.run !== undefined) return;
    if (status !== 'exited' || !startsWithEngine(container.record)) {
      // Docker, too, removes them when it starts, whether they ended or never began.
      const gone = (status === 'exited' || status === 'created') && container.record.hostConfig.AutoRemove;
      if (gone) await removeLocked(context, container, { volumes: true });
      return;
    }
    try {
      await startLocked(context, container);
    } catch (error) {
      context.warn(`starting container ${container.id} again`, error);
    }
  });
}

/** Containers that run are known again when it resolves; restarts by policy go on in the background. */
export async function restoreContainers(context: ContainerContext): Promise<void> {
  const { running, ended } = sortOut(context);
  await context.networks.restore(
    running.map(({ record }) => ({ request: sandboxRequest(record), settings: record.network ?? {} })),
  );
  // Before anything starts again: it would be swept away, too.
  await sweep(context);
  for (const container of running) {
    completeStart(context, container);
    watchForOom(context, container);
    startHealthMonitor(context, container);
  }
  for (const container of [...running, ...ended]) resumeLogShipping(context, container);
  await Promise.all(
    ended.map(async (container) => {
      const seen = context.exits.find(container.id);
      await settleExit(context, container, seen ?? { id: container.id, code: UNKNOWN_EXIT, at: Date.now() });
    }),
  );
  await sweepVolumes(context);
  // An exit between the look at the files and the watch would be nobody's.
  for (const container of running) {
    const exit = context.exits.find(container.id);
    if (exit !== undefined) await settleExit(context, container, exit);
  }
  for (const container of context.store.all()) void bringUp(context, container);
}
