/** `GET /containers/{id}/stats`: a sample a second, in Docker's shape. */
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupLayout } from '../runtime/cgroup.ts';
import { type CgroupStats, readCgroupStats } from '../runtime/cgroup-stats.ts';
import { type Container, isRunning } from './container.ts';
import type { ContainerContext } from './context.ts';
import { NEVER } from './record.ts';
import { cgroupPath } from './spec/spec.ts';

const INTERVAL_MS = 1000;
/** USER_HZ is 100 on every Linux that Node runs on. */
const TICK_NS = 1e7;

export interface StatsOptions {
  /** Goes on until the client leaves or the container is gone. */
  readonly stream: boolean;
  /** One sample at once, without the one a second before it. */
  readonly oneShot: boolean;
}

/** All CPUs' time since boot in nanoseconds; guest time is within user time. @param stat contents of /proc/stat */
export function systemCpu(stat: string): number {
  const [, ...fields] = (stat.split('\n')[0] ?? '').trim().split(/\s+/);
  return fields.slice(0, 8).reduce((sum, value) => sum + Number(value) * TICK_NS, 0);
}

const NETWORK_FIELDS: readonly (readonly [name: string, column: number])[] = [
  ['rx_bytes', 0],
  ['rx_packets', 1],
  ['rx_errors', 2],
  ['rx_dropped', 3],
  ['tx_bytes', 8],
  ['tx_packets', 9],
  ['tx_errors', 10],
  ['tx_dropped', 11],
];

/** By interface, without the loopback. @param table contents of /proc/PID/net/dev */
export function networkStats(table: string): Record<string, Record<string, number>> {
  const rows = [...table.matchAll(/^\s*([^\s:|]+):\s*(.*)$/gm)].filter(([, name]) => name !== 'lo');
  return Object.fromEntries(
    rows.map(([, name = '', columns = '']) => {
      const values = columns.trim().split(/\s+/).map(Number);
      return [name, Object.fromEntries(NETWORK_FIELDS.map(([field, column]) => [field, values[column] ?? 0]))];
    }),
  );
}

function cpuStats(stats: CgroupStats, system: number): object {
  const { cpu, throttling } = stats;
  return {
    cpu_usage: {
      total_usage: cpu.total,
      ...(cpu.perCpu.length === 0 ? {} : { percpu_usage: cpu.perCpu }),
      usage_in_kernelmode: cpu.kernel,
      usage_in_usermode: cpu.user,
    },
    system_cpu_usage: system,
    online_cpus: availableParallelism(),
    throttling_data: {
      periods: throttling.periods,
      throttled_periods: throttling.throttled,
      throttled_time: throttling.timeNs,
    },
  };
}

const EMPTY_CPU = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

function memoryStats({ memory }: CgroupStats): object {
  return {
    usage: memory.usage,
    ...(memory.maxUsage === undefined ? {} : { max_usage: memory.maxUsage }),
    stats: memory.stats,
    ...(memory.failures ? { failcnt: memory.failures } : {}),
    limit: memory.limit ?? totalmem(),
  };
}

function blkioStats({ blockIo }: CgroupStats): object {
  const v2 = cgroupLayout().version === 2;
  return blkioFields(blockIo.bytes, v2 ? null : blockIo.operations, v2 ? null : []);
}

function blkioFields(bytes: object | null, operations: object | null, none: [] | null): object {
  return {
    io_service_bytes_recursive: bytes,
    io_serviced_recursive: operations,
    io_queue_recursive: none,
    io_service_time_recursive: none,
    io_wait_time_recursive: none,
    io_merged_recursive: none,
    io_time_recursive: none,
    sectors_recursive: none,
  };
}

interface Sample {
  readonly read: string;
  readonly cpu: object;
  readonly rest: object;
}

const IDLE: Sample = {
  read: NEVER,
  cpu: EMPTY_CPU,
  rest: { pids_stats: {}, blkio_stats: blkioFields(null, null, null), memory_stats: {} },
};

async function sample(container: Container): Promise<Sample> {
  const { record } = container;
  const pid = record.state.process?.pid;
  if (!isRunning(container) || pid === undefined) return IDLE;
  const [stats, system, interfaces] = await Promise.all([
    readCgroupStats(cgroupPath(record.id, record.hostConfig)),
    readFile('/proc/stat', 'utf8'),
    readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => ''),
  ]);
  const shared = record.hostConfig.NetworkMode === 'host';
  const networks = shared ? {} : networkStats(interfaces);
  const { current, limit } = stats.pids;
  return {
    read: new Date().toISOString(),
    cpu: cpuStats(stats, systemCpu(system)),
    rest: {
      pids_stats: { current, ...(limit === undefined ? {} : { limit }) },
      blkio_stats: blkioStats(stats),
      memory_stats: memoryStats(stats),
      ...(Object.keys(networks).length === 0 ? {} : { networks }),
    },
  };
}

function shown(container: Container, now: Sample, before: Sample, oneShot: boolean): object {
  return {
    // As Docker: what is asked for once has no name.
    ...(oneShot && now !== IDLE ? {} : { name: `/${container.record.name}`, id: container.id }),
    read: now.read,
    preread: before.read,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: now.cpu,
    precpu_stats: before.cpu,
    ...now.rest,
  };
}

export async function* containerStats(
  context: ContainerContext,
  reference: string,
  options: StatsOptions,
  signal: AbortSignal,
): AsyncGenerator<object> {
  const container = context.store.find(reference);
  let before = IDLE;
  if (!options.oneShot && !options.stream) {
    before = await sample(container);
    if (before !== IDLE) await sleep(INTERVAL_MS, undefined, { signal });
  }
  for (;;) {
    const now = await sample(container);
    yield shown(container, now, before, options.oneShot);
    before = now;
    if (!options.stream) return;
    await sleep(INTERVAL_MS, undefined, { signal });
    if (context.store.byId(container.id) === undefined) return;
  }
}
