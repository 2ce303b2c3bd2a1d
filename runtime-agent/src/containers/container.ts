/** A container as the engine holds it in memory. */
import type { Exit } from '../runtime/exit-watch.ts';
import type { Exec } from './exec-state.ts';
import type { HealthMonitor } from './health-state.ts';
import type { LogShipping } from './log-shipping-state.ts';
import { createLock, type Lock } from './lock.ts';
import type { ContainerRecord } from './record.ts';

/** One run of a container, from start to exit. */
export interface Run {
  /** conmon has reported the exit; the log is complete. */
  readonly exited: Promise<Exit>;
  readonly reportExit: (exit: Exit) => void;
  /** The exit has been dealt with: resources freed, state saved, event published. */
  readonly settled: Promise<void>;
  readonly reportSettled: () => void;
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

export interface Waiter {
  readonly condition: WaitCondition;
  readonly resolve: (exitCode: number) => void;
}

/** Moments of a container that streams wait for. `begun`: its process exists; `ended`: it has ended or failed to start. */
export type Moment = 'begun' | 'ended';

export interface Container {
  readonly id: string;
  record: ContainerRecord;
  readonly lock: Lock;
  run: Run | undefined;
  readonly waiters: Set<Waiter>;
  readonly execs: Map<string, Exec>;
  readonly moments: Readonly<Record<Moment, Set<() => void>>>;
  /** How many streams read the log now; what waits for them all to end. */
  logReaders: number;
  readonly whenUnread: Set<() => void>;
  health: HealthMonitor | undefined;
  /** The log on its way to a log driver's destination. */
  shipping: LogShipping | undefined;
  /** What the checks of the last run had found at its end. */
  lastHealth: Pick<HealthMonitor, 'failingStreak' | 'log'> | undefined;
  /** Ends a pending restart by policy. */
  cancelRestart: (() => void) | undefined;
  /** It is being restarted by a person: its end is no reason to remove it. */
  keepOnExit: boolean;
  /** It is being removed, or has been: nothing starts it any more. */
  beingRemoved: boolean;
  /** The last delay before a restart by policy, in milliseconds. */
  restartDelay: number;
}

export function createContainer(record: ContainerRecord): Container {
  return {
    id: record.id,
    record,
    lock: createLock(),
    run: undefined,
    waiters: new Set(),
    execs: new Map(),
    moments: { begun: new Set(), ended: new Set() },
    logReaders: 0,
    whenUnread: new Set(),
    health: undefined,
    shipping: undefined,
    lastHealth: undefined,
    cancelRestart: undefined,
    keepOnExit: false,
    beingRemoved: false,
    restartDelay: record.state.restartDelay ?? 0,
  };
}

export function createRun(): Run {
  const { promise: exited, resolve: reportExit } = Promise.withResolvers<Exit>();
  const { promise: settled, resolve: reportSettled } = Promise.withResolvers<void>();
  return { exited, reportExit, settled, reportSettled: () => reportSettled() };
}

export function isRunning(container: Container): boolean {
  const { status } = container.record.state;
  return status === 'running' || status === 'paused';
}

/** Tells those who wait for one of these conditions. */
export function tellWaiters(container: Container, conditions: readonly WaitCondition[], exitCode: number): void {
  for (const waiter of container.waiters) {
    if (!conditions.includes(waiter.condition)) continue;
    container.waiters.delete(waiter);
    waiter.resolve(exitCode);
  }
}

/** Resolves at the container's next such moment. */
export function nextMoment(container: Container, moment: Moment): Promise<void> {
  return new Promise((resolve) => container.moments[moment].add(resolve));
}

export function announce(container: Container, moment: Moment): void {
  const waiting = [...container.moments[moment]];
  container.moments[moment].clear();
  for (const resolve of waiting) resolve();
}

/** Runs `work` once nobody reads the log any more: at once when nobody does. */
export function onceUnread(container: Container, work: () => void): void {
  if (container.logReaders === 0) work();
  else container.whenUnread.add(work);
}

/** Counts as a reader of the log until disposed. */
export function holdLog(container: Container): Disposable {
  container.logReaders++;
  return {
    [Symbol.dispose]() {
      container.logReaders--;
      if (container.logReaders > 0) return;
      const waiting = [...container.whenUnread];
      container.whenUnread.clear();
      for (const work of waiting) work();
    },
  };
}
