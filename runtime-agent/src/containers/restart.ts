/** `POST /containers/{id}/restart` */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { signalNumber } from '../host/signals.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';
import { startLocked } from './start.ts';
import { type Container, isRunning } from './container.ts';
import { type StopOptions, stopRunning } from './stop.ts';

export async function restartContainer(
  context: ContainerContext,
  reference: string,
  options: StopOptions,
): Promise<void> {
  const container = context.store.find(reference);
  try {
    await restart(context, container, options);
  } catch (error) {
    // Whatever it is: to Docker's clients a restart that fails is a server error.
    throw new EngineError('internal', `Cannot restart container ${reference}: ${messageOf(error)}`, { cause: error });
  }
}

async function restart(context: ContainerContext, container: Container, options: StopOptions): Promise<void> {
  const running = await container.lock.run(async () => {
    const { state } = container.record;
    checkVerb('restart', state.status, container.id);
    if (isRunning(container) && options.signal) signalNumber(options.signal);
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
