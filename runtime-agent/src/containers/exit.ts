/** What happens when a container's first process has ended: free its resources, tell the world, restart or remove. */
import type { Exit } from '../runtime/exit-watch.ts';
import { announce, type Container, onceUnread, type Run, tellWaiters } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { oomState } from './oom.ts';
import { type ContainerState, instant } from './record.ts';
import { removeLocked } from './remove.ts';
import { restartDelay, shouldRestart } from './restart-policy.ts';
import { applyLogLimits } from './log-rotation.ts';
import { releaseRun } from './release-run.ts';
import { startLocked } from './start.ts';
import { publishVolumes } from './volume-events.ts';

function seconds(state: ContainerState, exit: Exit): string {
  return String(Math.max(0, Math.floor((exit.at - Date.parse(state.startedAt)) / 1000)));
}

/** Starts the container again when its delay since the last end is over; also after a restart of the engine. */
export function scheduleRestart(context: ContainerContext, container: Container): void {
  container.cancelRestart?.();
  const { finishedAt } = container.record.state;
  const delay = Math.max(0, container.restartDelay - Math.max(0, Date.now() - Date.parse(finishedAt)));
  const timer = setTimeout(() => {
    void container.lock.run(async () => {
      container.cancelRestart = undefined;
      if (container.record.state.status !== 'restarting' || container.beingRemoved) return;
      await startLocked(context, container).catch((error: unknown) => {
        context.warn(`restarting container ${container.id}`, error);
      });
    });
  }, delay);
  container.cancelRestart = () => {
    clearTimeout(timer);
    container.cancelRestart = undefined;
  };
  timer.unref();
}

async function settle(context: ContainerContext, container: Container, run: Run, exit: Exit): Promise<void> {
  const { state: before, hostConfig } = container.record;
  container.health?.stop();
  container.lastHealth = container.health;
  container.health = undefined;
  const oomKilled = oomState(container.record).kills > 0;
  if (oomKilled && !before.oomKilled) publish(context, container, 'oom');
  await releaseRun(context, container.id);
  const { process: _process, ...state } = before;
  const restart = !context.signal.aborted && shouldRestart(container.record, exit.code);
  if (restart) container.restartDelay = restartDelay(container.restartDelay, exit.at - Date.parse(before.startedAt));
  context.store.save(container, {
    restartCount: container.record.restartCount + (restart ? 1 : 0),
    state: {
      ...state,
      restartDelay: container.restartDelay,
      status: restart ? 'restarting' : 'exited',
      exitCode: exit.code,
      oomKilled,
      finishedAt: instant(exit.at),
    },
  });
  // Only now that the exit is on record may its file go.
  context.exits.forget(container.id);
  container.run = undefined;
  publishVolumes(context, container.record, 'unmount');
  publish(context, container, 'die', { exitCode: String(exit.code), execDuration: seconds(before, exit) });
  if (restart) scheduleRestart(context, container);
  container.shipping?.finish();
  run.reportSettled();
  onceUnread(container, () => {
    applyLogLimits(context, container.record).catch((error: unknown) =>
      context.warn(`cutting the log of ${container.id}`, error),
    );
  });
  tellWaiters(container, ['not-running', 'next-exit'], exit.code);
  if (hostConfig.AutoRemove && !restart && !container.keepOnExit && !container.beingRemoved)
    await removeLocked(context, container, { volumes: true });
}

/** conmon has reported an exit. Exits of runs that the engine has given up already are no news. */
export async function settleExit(context: ContainerContext, container: Container, exit: Exit): Promise<void> {
  const { run } = container;
  if (run === undefined) return;
  run.reportExit(exit);
  announce(container, 'ended');
  await container.lock.run(async () => {
    if (container.run !== run) return;
    try {
      await settle(context, container, run, exit);
    } catch (error) {
      context.warn(`handling the exit of container ${container.id}`, error);
    }
  });
}
