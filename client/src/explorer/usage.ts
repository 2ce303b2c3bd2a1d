/** What a running container uses, from the engine's statistics. Pure. */
import type { ContainerStatsResponse } from '#model/engine-api/types.ts';
import { bytes } from './words.ts';

export interface Usage {
  /** Of one processor; 200 is two whole ones. */
  readonly cpuPercent: number;
  /** Bytes, without file cache that can be given back. */
  readonly memory: number;
}

/** undefined for the first message of a stream, which has nothing to compare with, and for a stopped container. */
export function usageOf({ cpu_stats, precpu_stats, memory_stats }: ContainerStatsResponse): Usage | undefined {
  const cpu = (cpu_stats?.cpu_usage?.total_usage ?? 0) - (precpu_stats?.cpu_usage?.total_usage ?? 0);
  const system = (cpu_stats?.system_cpu_usage ?? 0) - (precpu_stats?.system_cpu_usage ?? 0);
  if (precpu_stats?.system_cpu_usage === undefined || precpu_stats.system_cpu_usage === 0 || system <= 0) {
    return undefined;
  }
  const processors = cpu_stats?.online_cpus ?? cpu_stats?.cpu_usage?.percpu_usage?.length ?? 1;
  const details = (memory_stats?.stats ?? {}) as Readonly<Record<string, number | undefined>>;
  const cache = details['inactive_file'] ?? details['total_inactive_file'] ?? 0;
  return {
    cpuPercent: (Math.max(0, cpu) / system) * processors * 100,
    memory: Math.max(0, (memory_stats?.usage ?? 0) - cache),
  };
}

/** `2% 45 MB`: short, because a row is. */
export function usageText({ cpuPercent, memory }: Usage): string {
  const percent = cpuPercent < 0.95 ? cpuPercent.toFixed(1) : cpuPercent.toFixed(0);
  return `${percent === '0.0' ? '0' : percent}% ${bytes(memory)}`;
}
