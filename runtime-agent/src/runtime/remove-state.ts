/**
 * Removes what runc keeps of a container whose processes have ended, as `runc delete` does: the cgroups that its
 * state.json names and its state directory. See docs/decisions/0003-start-and-delete-without-runc.md.
 */
import { readFileSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

interface RuncState {
  readonly cgroup_paths?: Readonly<Record<string, string>>;
  readonly init_process_pid?: number;
  /** Clock ticks since boot, as in /proc/PID/stat. */
  readonly init_process_start?: number;
}

function readState(directory: string): RuncState | undefined {
  try {
    return JSON.parse(readFileSync(path.join(directory, 'state.json'), 'utf8')) as RuncState;
  } catch {
    return undefined;
  }
}

/** A controller that several names share is removed under one of them. */
async function removeCgroup(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * @param born gives the start time of a living process
 * @returns false when the runtime itself has to be asked: the process lives, cgroups of its own are left, or the state is
 * not runc's
 */
export async function removeEndedState(directory: string, born: (pid: number) => string | undefined): Promise<boolean> {
  const state = readState(directory);
  const cgroups = Object.values(state?.cgroup_paths ?? {});
  const pid = state?.init_process_pid ?? 0;
  if (cgroups.length === 0 || pid <= 0 || born(pid) === String(state?.init_process_start)) return false;
  const removed = await Promise.all(cgroups.filter((cgroup) => cgroup !== '').map(removeCgroup));
  if (removed.includes(false)) return false;
  await rm(directory, { recursive: true, force: true });
  return true;
}
