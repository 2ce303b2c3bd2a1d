/** `POST /containers/{id}/pause` and `/unpause` */
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';

export async function pauseContainer(context: ContainerContext, reference: string): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    checkVerb('pause', container.record.state.status, container.id);
    try {
      await context.runtime.pause(container.id);
    } catch (cause) {
      throw new EngineError('internal', `cannot pause container ${container.id}: ${messageOf(cause)}`, { cause });
    }
    context.store.save(container, { state: { ...container.record.state, status: 'paused' } });
    publish(context, container, 'pause');
  });
}

export async function unpauseContainer(context: ContainerContext, reference: string): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    checkVerb('unpause', container.record.state.status, container.id);
    await context.runtime.resume(container.id);
    context.store.save(container, { state: { ...container.record.state, status: 'running' } });
    publish(context, container, 'unpause');
  });
}
