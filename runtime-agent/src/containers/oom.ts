import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CgroupLayout, cgroupLayout, controllerPath } from '../runtime/cgroup.ts';
import type { ContainerRecord } from './record.ts';
import { cgroupPath } from './spec/spec.ts';

export interface OomState {
  /** Processes of the container that the kernel has killed for want of memory. */
  readonly kills: number;
  /** They wait for memory: the kernel is not to kill any (--oom-kill-disable, cgroup v1). */
  readonly waiting: boolean;
}

/** As the container's memory cgroup tells: `oom_kill` and `under_oom`. */
export function oomState(record: ContainerRecord, layout: CgroupLayout = cgroupLayout()): OomState {
  const directory = controllerPath(layout, 'memory', cgroupPath(record.id, record.hostConfig));
  try {
    const text = readFileSync(
      path.join(directory, layout.version === 2 ? 'memory.events' : 'memory.oom_control'),
      'utf8',
    );
    return { kills: Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0), waiting: /^under_oom 1$/m.test(text) };
  } catch {
    return { kills: 0, waiting: false };
  }
}
