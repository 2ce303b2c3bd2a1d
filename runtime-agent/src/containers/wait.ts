/** `POST /containers/{id}/wait` */
import { EngineError } from '#model/engine-api/errors.ts';
import { isRunning, type WaitCondition, type Waiter } from './container.ts';
import type { ContainerContext } from './context.ts';

/** How a container ended, and why it did not start when it did not. */
export interface Ended {
  readonly code: number;
  readonly error: string;
}

/** Begins to wait at once: the returned promise gives the end. Throws when there is no such container. */
export function waitContainer(
  context: ContainerContext,
  reference: string,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<Ended> {
  const container = context.store.find(reference);
  const idle = !isRunning(container) && container.record.state.status !== 'restarting';
  const end = (code: number): Ended => ({ code, error: container.record.state.error });
  if (condition === 'not-running' && idle) return Promise.resolve(end(container.record.state.exitCode));
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { condition, resolve: (code) => resolve(end(code)) };
    container.waiters.add(waiter);
    const give = (): void => {
      if (container.waiters.delete(waiter)) reject(new EngineError('cancelled', 'no longer waited for'));
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
