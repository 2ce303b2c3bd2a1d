/** `POST /containers/{id}/wait` */
import { EngineError } from '#model/engine-api/errors.ts';
import { isRunning, type WaitCondition, type Waiter } from './container.ts';
import type { ContainerContext } from './context.ts';

/** Begins to wait at once: the returned promise gives the exit code. Throws when there is no such container. */
export function waitContainer(
  context: ContainerContext,
  reference: string,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<number> {
  const container = context.store.find(reference);
  const idle = !isRunning(container) && container.record.state.status !== 'restarting';
  if (condition === 'not-running' && idle) return Promise.resolve(container.record.state.exitCode);
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { condition, resolve };
    container.waiters.add(waiter);
    const give = (): void => {
      if (container.waiters.delete(waiter)) reject(new EngineError('cancelled', 'no longer waited for'));
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
