/** `POST /containers/{id}/wait` */
import { EngineError } from '#model/engine-api/errors.ts';
import { isRunning, type WaitCondition, type Waiter } from './container.ts';
import type { ContainerContext } from './context.ts';

/** How a container ended, and why it did not start when it did not: of one that has ended already, as dockerd tells it. */
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
  const { exitCode: code, error } = container.record.state;
  if (condition === 'not-running' && idle) return Promise.resolve({ code, error });
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { condition, resolve: (code) => resolve({ code, error: '' }) };
    container.waiters.add(waiter);
    const give = (): void => {
      if (container.waiters.delete(waiter)) reject(new EngineError('cancelled', 'no longer waited for'));
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
