/** `POST /containers/{id}/update`: limits and the restart policy, at once also for a running container. */
import type { HostConfig } from '#model/engine-api/types.ts';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { type Container, isRunning } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkHostConfig } from './checks/host-config.ts';
import { hostLimits } from './checks/limits.ts';
import { discardUnsupported, resourceWarnings } from './checks/resources.ts';
import { checkVerb } from './lifecycle.ts';
import { containerResources } from './spec/resources.ts';

/** What Docker changes of a container that is there; it says nothing of the rest. */
const CHANGEABLE: readonly (keyof HostConfig)[] = [
  'BlkioWeight',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpuShares',
  'CpusetCpus',
  'CpusetMems',
  'KernelMemory',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'NanoCpus',
];

/** Zero means "as it is" in an update. */
function changed(update: HostConfig): HostConfig {
  const given = CHANGEABLE.filter((name) => update[name]).map((name) => [name, update[name]]);
  const { PidsLimit, RestartPolicy } = update;
  return {
    ...(Object.fromEntries(given) as HostConfig),
    ...(RestartPolicy?.Name && { RestartPolicy: { MaximumRetryCount: 0, ...RestartPolicy } }),
    // Here zero is a value: no limit.
    ...(typeof PidsLimit === 'number' && { PidsLimit: Math.max(PidsLimit, 0) }),
  };
}

/** Limits that exclude what the container has already. */
function checkChange({ id, record }: Container, changes: HostConfig): void {
  const { hostConfig: has } = record;
  const refuse = (reason: string): EngineError =>
    new EngineError('conflict', `Cannot update container ${id}: ${reason}`);
  const nano = (what: string): EngineError =>
    refuse(`Conflicting options: Nano CPUs cannot be updated as CPU ${what} has already been set`);
  if (changes.NanoCpus && (has.CpuPeriod ?? 0) > 0) throw nano('Period');
  if (changes.NanoCpus && (has.CpuQuota ?? 0) > 0) throw nano('Quota');
  for (const [what, value] of [
    ['Period', changes.CpuPeriod],
    ['Quota', changes.CpuQuota],
  ] as const) {
    if (value && value > 0 && has.NanoCpus) {
      throw refuse(`Conflicting options: CPU ${what} cannot be updated as NanoCPUs has already been set`);
    }
  }
  const swap = has.MemorySwap ?? 0;
  if (changes.Memory && !changes.MemorySwap && changes.Memory > swap) {
    throw refuse(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
  }
  const policy = changes.RestartPolicy?.Name ?? 'no';
  if (has.AutoRemove && policy !== 'no') {
    throw refuse('Restart policy cannot be updated because AutoRemove is enabled for the container');
  }
}

export async function updateContainer(
  context: ContainerContext,
  reference: string,
  update: HostConfig,
): Promise<readonly string[]> {
  const limits = hostLimits();
  const changes = changed(update);
  // As in Docker by itself, without what the container has; what then cannot be is the kernel's to say.
  if (update.IOMaximumIOps || update.IOMaximumBandwidth) {
    const text = 'Invalid QoS settings: linux does not support Maximum IO Bandwidth or Maximum IO IOps';
    throw new EngineError('invalid', text);
  }
  checkHostConfig(
    { ...update, CpuShares: Math.min(0, update.CpuShares ?? 0), ...(update.Memory ? {} : { MemorySwap: 0 }) },
    limits,
  );
  const container = context.store.find(reference);
  return await container.lock.run(async () => {
    checkVerb('update', container.beingRemoved ? 'removing' : container.record.state.status, container.id);
    checkChange(container, changes);
    const host = discardUnsupported({ ...container.record.hostConfig, ...changes }, limits);
    if (isRunning(container)) {
      const resources = containerResources(host, context.facts.findDevice, []);
      await context.runtime.update(container.id, resources).catch((cause: unknown) => {
        throw new EngineError('internal', `Cannot update container ${container.id}: ${messageOf(cause)}`, { cause });
      });
    }
    // As Docker keeps it: no limit is 0.
    const kept = (changes.PidsLimit ?? 0) < 0 ? { ...host, PidsLimit: 0 } : host;
    context.store.save(container, { hostConfig: kept });
    publish(context, container, 'update');
    return resourceWarnings(update, limits);
  });
}
