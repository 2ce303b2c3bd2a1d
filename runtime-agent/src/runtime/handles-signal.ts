/** What a process does about a signal, from proc_pid_status(5). */
import { readFileSync } from 'node:fs';

/** True as well when there is no such process. The runtime's own program, before it has become the container's, does not count. */
export function handlesSignal(pid: number, signal: number): boolean {
  try {
    return handlesIn(readFileSync(`/proc/${pid}/status`, 'latin1'), signal);
  } catch {
    return true;
  }
}

export function handlesIn(status: string, signal: number): boolean {
  if (status.startsWith('Name:\trunc:[')) return false;
  const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(status)?.[1];
  return caught !== undefined && ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}
