/** The end of an engine whose containers do not live on: each is asked to stop, and killed when it does not in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { sendSignal, SIGKILL, stopSignal } from './kill.ts';

const KILL_PATIENCE_MS = 10_000;

async function end(context: ContainerContext, container: Container, timeoutMs: number): Promise<void> {
  const { run } = container;
  if (run === undefined) return;
  const settled = run.settled.then(() => true);
  if (container.record.state.status === 'paused') await context.runtime.resume(container.id).catch(() => {});
  await sendSignal(context, container, stopSignal(container));
  if (await Promise.race([settled, sleep(timeoutMs, false, { ref: false })])) return;
  await sendSignal(context, container, SIGKILL);
  await Promise.race([settled, sleep(KILL_PATIENCE_MS, false, { ref: false })]);
}

/** Restart policies take effect again when the engine starts: nobody has stopped these containers on purpose. */
export async function stopAll(context: ContainerContext, timeoutSeconds: number): Promise<void> {
  const running = context.store.all().filter(isRunning);
  for (const container of context.store.all()) container.cancelRestart?.();
  await Promise.allSettled(
    running.map(async (container) => {
      const own = container.record.config.StopTimeout ?? timeoutSeconds;
      await end(context, container, Math.max(0, own < 0 ? timeoutSeconds : own) * 1000);
    }),
  );
}
