/** The container of a build's step, kept as one that has ended: to be looked at, copied from, committed or run again. */
import type { ContainerConfig, HostConfig } from '#model/engine-api/types.ts';
import { completeHostConfig } from './checks/host-config.ts';
import { hostLimits } from './checks/limits.ts';
import { type ContainerContext, publish } from './context.ts';
import { withHostDefaults } from './host-defaults.ts';
import { randomName } from './names.ts';
import { type ContainerRecord, instant } from './record.ts';
import { containerPaths, makeContainerDirectories, removeContainerDirectories } from './rootfs.ts';

export interface EndedStep
  extends Pick<ContainerRecord, 'id' | 'image' | 'chainIds' | 'diffIds' | 'platform'>,
    Pick<ContainerRecord['state'], 'exitCode' | 'startedAt'> {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
}

/** What the step changed is the topmost of its layers, not the container's own: they are the same to all but `docker diff`. */
export async function keepStep(context: ContainerContext, step: EndedStep): Promise<void> {
  const { id, exitCode, startedAt, config, hostConfig, ...rest } = step;
  const name = randomName((taken) => context.store.nameTaken(taken));
  context.store.reserve(name, id);
  const paths = containerPaths(context.dataRoot, id);
  try {
    await makeContainerDirectories(paths, context.host.ids);
    const finishedAt = instant();
    const container = context.store.add({
      id,
      ...rest,
      name,
      created: startedAt,
      config: { ...config, Hostname: id.slice(0, 12) },
      hostConfig: completeHostConfig(withHostDefaults(hostConfig, context.defaults), hostLimits()),
      endpoints: { [hostConfig.NetworkMode ?? 'bridge']: {} },
      mounts: [],
      state: { status: 'exited', exitCode, error: '', oomKilled: false, startedAt, finishedAt, manuallyStopped: false },
      restartCount: 0,
    });
    publish(context, container, 'create');
  } catch (error) {
    await removeContainerDirectories(paths);
    context.store.release(name);
    throw error;
  }
}
