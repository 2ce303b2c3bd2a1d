/** What this host can give at most; the checks of HostConfig compare with it. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cgroupLayout } from '../../runtime/cgroup.ts';

export interface HostLimits {
  readonly cpus: number;
  /** Numbers of the memory nodes. */
  readonly memoryNodes: readonly number[];
  readonly cgroup2: boolean;
  /** Whether the kernel takes weights for block I/O. */
  readonly blockIoWeight: boolean;
  /** Whether there are limits of the kernel's memory of a cgroup. */
  readonly kernelMemory: boolean;
}

/** `0-1,4` as numbers; undefined when it is no such list. */
export function numberList(text: string): number[] | undefined {
  if (!/^\+?\d+(-\d+)?(,\+?\d+(-\d+)?)*$/.test(text)) return undefined;
  const ranges = text.split(',').map((part) => part.split('-').map(Number));
  if (ranges.some(([from = 0, to = from]) => to < from)) return undefined;
  return ranges.flatMap(([from = 0, to = from]) =>
    Array.from({ length: Math.min(to - from + 1, 8194) }, (_, i) => from + i),
  );
}

function memoryNodes(): readonly number[] {
  try {
    return numberList(readFileSync('/sys/devices/system/node/online', 'utf8').trim()) ?? [0];
  } catch {
    return [0];
  }
}

export function hostLimits(): HostLimits {
  const { version, root } = cgroupLayout();
  return {
    cpus: availableParallelism(),
    memoryNodes: memoryNodes(),
    cgroup2: version === 2,
    kernelMemory: version === 1 && existsSync(`${root}/memory/memory.kmem.limit_in_bytes`),
    blockIoWeight: version === 2 || existsSync(`${root}/blkio/blkio.weight`),
  };
}
