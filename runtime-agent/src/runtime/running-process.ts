/** A process of a container as the engine remembers it, over restarts of its own. */
import { readFileSync } from 'node:fs';

export interface RunningProcess {
  /** Of the container's first process, on the host. */
  readonly pid: number;
  /** When that process was born, in clock ticks since boot: tells it from another with the same pid. */
  readonly born: string;
}

/** Field 22 of /proc/PID/stat (proc(5)); undefined when there is no such process. A zombie does not count. */
export function processBorn(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether this very process still exists. */
export function isAlive({ pid, born }: RunningProcess): boolean {
  return processBorn(pid) === born;
}
