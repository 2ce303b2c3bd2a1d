/** Health checks (`--health-cmd`, HEALTHCHECK): runs the test in the container on its schedule and judges the results. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthConfig } from '#model/engine-api/types.ts';
import type { Container } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { runProbe } from './health-probe.ts';
import type { HealthMonitor, ProbeResult } from './health-state.ts';

interface Schedule {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

const LOG_LIMIT = 5;
const NANO_PER_MS = 1e6;

/** Docker's defaults where a value is zero or missing. */
export function healthSchedule(config: HealthConfig): Schedule {
  const ms = (value: number | undefined, standard: number): number => (value ? value / NANO_PER_MS : standard);
  return {
    intervalMs: ms(config.Interval, 30_000),
    timeoutMs: ms(config.Timeout, 30_000),
    startPeriodMs: ms(config.StartPeriod, 0),
    startIntervalMs: ms(config.StartInterval, 5_000),
    retries: config.Retries || 3,
  };
}

/** The command line of a test; undefined when there is none to run. */
export function healthCommand(config: HealthConfig | undefined, shell: readonly string[]): string[] | undefined {
  const [kind, ...words] = config?.Test ?? [];
  if (kind === 'CMD') return words;
  if (kind === 'CMD-SHELL') return [...shell, words.join(' ')];
  return undefined;
}

export interface MutableHealth {
  status: HealthMonitor['status'];
  failingStreak: number;
  log: ProbeResult[];
}

/** What a result makes of the state. During the start period failures do not count. */
export function judge(health: MutableHealth, result: ProbeResult, schedule: Schedule, starting: boolean): void {
  health.log = [...health.log, result].slice(-LOG_LIMIT);
  if (result.exitCode === 0) {
    health.failingStreak = 0;
    health.status = 'healthy';
    return;
  }
  if (starting && health.status === 'starting') return;
  health.failingStreak++;
  if (health.failingStreak >= schedule.retries) health.status = 'unhealthy';
}

async function watchHealth(
  context: ContainerContext,
  container: Container,
  health: MutableHealth,
  command: readonly string[],
  schedule: Schedule,
  signal: AbortSignal,
): Promise<void> {
  const begun = Date.now();
  for (;;) {
    const inStartPeriod = (): boolean => Date.now() - begun < schedule.startPeriodMs;
    const wait = inStartPeriod() && health.status === 'starting' ? schedule.startIntervalMs : schedule.intervalMs;
    await sleep(wait, undefined, { signal, ref: false });
    if (container.record.state.status !== 'running') continue;
    const before = health.status;
    const result = await runProbe(context, container, command, schedule.timeoutMs, signal);
    if (signal.aborted) return;
    context.onHealthCheck?.(result.exitCode !== 0);
    judge(health, result, schedule, inStartPeriod());
    if (health.status !== before) publish(context, container, `health_status: ${health.status}`);
  }
}

/** Does nothing for a container without a health check. */
export function startHealthMonitor(context: ContainerContext, container: Container): void {
  const { config } = container.record;
  const shell = config.Shell?.length ? config.Shell : ['/bin/sh', '-c'];
  const command = healthCommand(config.Healthcheck, shell);
  if (command === undefined || config.Healthcheck === undefined) return;
  const ended = new AbortController();
  const health: MutableHealth = { status: 'starting', failingStreak: 0, log: [] };
  const signal = AbortSignal.any([ended.signal, context.signal]);
  watchHealth(context, container, health, command, healthSchedule(config.Healthcheck), signal).catch(
    (error: unknown) => {
      if (!signal.aborted) context.warn(`checking the health of container ${container.id}`, error);
    },
  );
  container.health = Object.assign(health, { stop: () => ended.abort() });
}
