/** `POST /containers/{id}/restart` */
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { startLocked } from './start.ts';
import { isRunning } from './container.ts';
import { checkSignal, type StopOptions, stopRunning } from './stop.ts';

export async function restartContainer(
  context: ContainerContext,
  reference: string,
  options: StopOptions,
): Promise<void> {
  const container = context.store.find(reference);
  checkSignal(options.signal, `Cannot restart container ${reference}`);
  const running = await container.lock.run(async () => {
    const { state } = container.record;
    checkVerb('restart', state.status, container.id);
    container.cancelRestart?.();
    container.keepOnExit = true;
    if (isRunning(container)) context.store.save(container, { state: { ...state, manuallyStopped: true } });
    return isRunning(container);
  });
  try {
    if (running) {
      await stopRunning(context, container, options);
      publish(context, container, 'stop');
    }
    await container.lock.run(async () => {
      if (!isRunning(container)) await startLocked(context, container);
    });
  } finally {
    container.keepOnExit = false;
  }
  publish(context, container, 'restart');
}
