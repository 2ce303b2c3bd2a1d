import type { ContainerRecord } from './record.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 60_000;
/** A run as long as this counts as success: the next delay begins anew. */
const STEADY_MS = 10_000;

/** Whether the container's restart policy wants it to run again after this exit. */
export function shouldRestart(record: ContainerRecord, exitCode: number): boolean {
  const { Name, MaximumRetryCount = 0 } = record.hostConfig.RestartPolicy ?? {};
  if (record.state.manuallyStopped) return false;
  switch (Name) {
    case 'always':
    case 'unless-stopped':
      return true;
    case 'on-failure':
      return exitCode !== 0 && (MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount);
    default:
      return false;
  }
}

/** Milliseconds until the next restart: 100, 200, 400 … up to a minute, as Docker's. */
export function restartDelay(previous: number, ranMs: number): number {
  if (previous === 0 || ranMs >= STEADY_MS) return FIRST_DELAY_MS;
  return Math.min(previous * 2, MAX_DELAY_MS);
}

/** Whether the policy wants the container up when the engine starts. */
export function startsWithEngine(record: ContainerRecord): boolean {
  const { Name } = record.hostConfig.RestartPolicy ?? {};
  if (Name === 'always') return true;
  return Name === 'unless-stopped' && !record.state.manuallyStopped;
}
