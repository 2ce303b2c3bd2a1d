import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type CgroupLayout, cgroupLayout, controllerPath } from '../runtime/cgroup.ts';
import type { ContainerRecord } from './record.ts';
import { cgroupPath } from './spec/spec.ts';

/** Whether the kernel has killed a process of the container for want of memory: `oom_kill` of its memory cgroup. */
export function wasOomKilled(record: ContainerRecord, layout: CgroupLayout = cgroupLayout()): boolean {
  const directory = controllerPath(layout, 'memory', cgroupPath(record.id, record.hostConfig));
  try {
    const text = readFileSync(
      path.join(directory, layout.version === 2 ? 'memory.events' : 'memory.oom_control'),
      'utf8',
    );
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0;
  } catch {
    return false;
  }
}
