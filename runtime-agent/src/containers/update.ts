/** `POST /containers/{id}/update`: limits and the restart policy, at once also for a running container. */
import type { HostConfig } from '#model/engine-api/types.ts';
import { isRunning } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkHostConfig } from './checks/host-config.ts';
import { hostLimits } from './checks/limits.ts';
import { discardUnsupported, resourceWarnings } from './checks/resources.ts';
import { checkVerb } from './lifecycle.ts';
import { containerResources } from './spec/resources.ts';

/** Zero means "as it is" in an update. */
function changed(update: HostConfig): HostConfig {
  const given = Object.entries(update).filter(([, value]) => value !== 0 && value !== '' && value !== undefined);
  const { RestartPolicy, ...rest } = Object.fromEntries(given) as HostConfig;
  return RestartPolicy?.Name ? { ...rest, RestartPolicy } : rest;
}

export async function updateContainer(
  context: ContainerContext,
  reference: string,
  update: HostConfig,
): Promise<readonly string[]> {
  const container = context.store.find(reference);
  return await container.lock.run(async () => {
    checkVerb('update', container.record.state.status, container.id);
    const limits = hostLimits();
    const changes = changed(update);
    const host = discardUnsupported({ ...container.record.hostConfig, ...changes }, limits);
    checkHostConfig(host, limits);
    if (isRunning(container)) {
      const resources = containerResources(host, context.facts.findDevice, []);
      await context.runtime.update(container.id, resources);
    }
    context.store.save(container, { hostConfig: host });
    publish(context, container, 'update');
    return resourceWarnings(changes, limits);
  });
}
