/** What the engine counts, in Prometheus' text format under dockerd's names. */
import { readdirSync, readFileSync } from 'node:fs';

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Histogram {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export interface MetricFacts {
  readonly containers: { readonly running: number; readonly paused: number; readonly stopped: number };
  readonly info: Readonly<Record<string, string>>;
  readonly cpus: number;
  readonly memory: number;
  readonly eventSubscribers: number;
}

export interface Metrics {
  /** Runs `work` and counts how long it took when it succeeds, as dockerd does. */
  timed<R>(family: ActionFamily, action: string, work: () => Promise<R>): Promise<R>;
  /** @param by default: 1 */
  count(counter: Counter, by?: number): void;
  /** How long it took until a health check's program ran. */
  healthCheckStarted(seconds: number): void;
  buildFailed(reason: FailureReason): void;
  render(facts: MetricFacts): string;
}

export type ActionFamily = 'container' | 'image' | 'network' | 'host_info';
export type Counter =
  | 'engine_daemon_health_checks_total'
  | 'engine_daemon_health_checks_failed_total'
  | 'engine_daemon_events_total'
  | 'builder_builds_triggered_total'
  | 'logger_log_write_operations_failed_total'
  | 'logger_log_read_operations_failed_total'
  | 'logger_log_entries_size_greater_than_buffer_total';

const FAILURE_REASONS = [
  'build_canceled',
  'build_target_not_reachable_error',
  'command_not_supported_error',
  'dockerfile_empty_error',
  'dockerfile_syntax_error',
  'error_processing_commands_error',
  'missing_onbuild_arguments_error',
  'unknown_instruction_error',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Actions that are there from the beginning, so that a graph begins at zero. */
const ACTIONS: Readonly<Record<ActionFamily, readonly string[]>> = {
  container: ['changes', 'commit', 'create', 'delete', 'start'],
  image: ['pull', 'push'],
  network: ['allocate', 'connect', 'release'],
  host_info: ['operating_system', 'os_version', 'system_info', 'system_version'],
};

interface Named {
  readonly metric: string;
  readonly label: string;
  readonly help: string;
}

function named(name: ActionFamily): Named {
  if (name === 'host_info') {
    const help = 'The number of seconds it takes to call functions gathering info about the host';
    return { metric: 'engine_daemon_host_info_functions_seconds', label: 'function', help };
  }
  const help = `The number of seconds it takes to process each ${name} action`;
  return { metric: `engine_daemon_${name}_actions_seconds`, label: 'action', help };
}

const HEALTH_CHECK_START = 'engine_daemon_health_check_start_duration_seconds';
const COUNTERS: Readonly<Record<Counter, string>> = {
  engine_daemon_health_checks_total: 'The total number of health checks',
  engine_daemon_health_checks_failed_total: 'The total number of failed health checks',
  engine_daemon_events_total: 'The number of events logged',
  builder_builds_triggered_total: 'Number of triggered image builds',
  logger_log_write_operations_failed_total: 'Number of log write operations that failed',
  logger_log_read_operations_failed_total: 'Number of log reads from container stdio that failed',
  logger_log_entries_size_greater_than_buffer_total: 'Number of log entries which are larger than the log buffer',
};

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

function labels(values: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}=${quoted(String(value))}`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function family(name: string, type: string, help: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

function histogramLines(name: string, of: Readonly<Record<string, string>>, histogram: Histogram): string[] {
  const { buckets, sum, count } = histogram;
  return [
    ...BUCKETS.map((le, i) => `${name}_bucket${labels({ ...of, le })} ${buckets[i] ?? 0}`),
    `${name}_bucket${labels({ ...of, le: '+Inf' })} ${count}`,
    `${name}_sum${labels(of)} ${sum}`,
    `${name}_count${labels(of)} ${count}`,
  ];
}

const fresh = (): Histogram => ({ buckets: BUCKETS.map(() => 0), sum: 0, count: 0 });

function add(histogram: Histogram, seconds: number): void {
  BUCKETS.forEach((le, i) => {
    if (seconds <= le) histogram.buckets[i] = (histogram.buckets[i] ?? 0) + 1;
  });
  histogram.sum += seconds;
  histogram.count++;
}

function virtualMemory(): number {
  return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
}

function gauges({ containers, info, cpus, memory, eventSubscribers }: MetricFacts): string[] {
  const states = Object.entries(containers).sort(([a], [b]) => (a < b ? -1 : 1));
  const usage = process.memoryUsage();
  const cpu = process.cpuUsage();
  return [
    family(
      'engine_daemon_container_states_containers',
      'gauge',
      'The count of containers in various states',
      states.map(([state, count]) => `engine_daemon_container_states_containers${labels({ state })} ${count}`),
    ),
    family('engine_daemon_engine_cpus_cpus', 'gauge', 'The number of cpus that the host system of the engine has', [
      `engine_daemon_engine_cpus_cpus ${cpus}`,
    ]),
    family('engine_daemon_engine_info', 'gauge', 'The information related to the engine and the OS it is running on', [
      `engine_daemon_engine_info${labels(info)} 1`,
    ]),
    family(
      'engine_daemon_engine_memory_bytes',
      'gauge',
      'The number of bytes of memory that the host system of the engine has',
      [`engine_daemon_engine_memory_bytes ${memory}`],
    ),
    family('engine_daemon_events_subscribers_total', 'gauge', 'The number of current subscribers to events', [
      `engine_daemon_events_subscribers_total ${eventSubscribers}`,
    ]),
    family('process_cpu_seconds_total', 'counter', 'Total user and system CPU time spent in seconds.', [
      `process_cpu_seconds_total ${(cpu.user + cpu.system) / 1e6}`,
    ]),
    family('process_virtual_memory_bytes', 'gauge', 'Virtual memory size in bytes.', [
      `process_virtual_memory_bytes ${virtualMemory()}`,
    ]),
    family('process_open_fds', 'gauge', 'Number of open file descriptors.', [
      `process_open_fds ${readdirSync('/proc/self/fd').length}`,
    ]),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory size in bytes.', [
      `process_resident_memory_bytes ${usage.rss}`,
    ]),
    family('process_start_time_seconds', 'gauge', 'Start time of the process since unix epoch in seconds.', [
      `process_start_time_seconds ${(performance.timeOrigin / 1000).toFixed(3)}`,
    ]),
  ];
}

export function createMetrics(): Metrics {
  const healthCheckStart = fresh();
  const actions = Object.fromEntries(
    Object.entries(ACTIONS).map(([name, list]) => [name, new Map(list.map((action) => [action, fresh()]))]),
  ) as Record<ActionFamily, Map<string, Histogram>>;
  const failed = new Map<FailureReason, number>(FAILURE_REASONS.map((reason) => [reason, 0]));
  const counters = new Map<Counter, number>(Object.keys(COUNTERS).map((name) => [name as Counter, 0]));
  const observe = (family_: ActionFamily, action: string, seconds: number): void => {
    const histogram = actions[family_].get(action) ?? fresh();
    actions[family_].set(action, histogram);
    add(histogram, seconds);
  };
  return {
    async timed(name, action, work) {
      const begun = performance.now();
      const result = await work();
      observe(name, action, (performance.now() - begun) / 1000);
      return result;
    },
    count: (counter, by = 1) => void counters.set(counter, (counters.get(counter) ?? 0) + by),
    healthCheckStarted: (seconds) => add(healthCheckStart, seconds),
    buildFailed: (reason) => void failed.set(reason, (failed.get(reason) ?? 0) + 1),
    render: (facts) =>
      [
        ...Object.entries(actions).map(([name, list]) => {
          const { metric, label, help } = named(name as ActionFamily);
          const lines = [...list].flatMap(([action, histogram]) =>
            histogramLines(metric, { [label]: action }, histogram),
          );
          return family(metric, 'histogram', help, lines);
        }),
        family(
          HEALTH_CHECK_START,
          'histogram',
          'The number of seconds it takes to prepare to run health checks',
          histogramLines(HEALTH_CHECK_START, {}, healthCheckStart),
        ),
        ...[...counters].map(([name, value]) => family(name, 'counter', COUNTERS[name], [`${name} ${value}`])),
        family(
          'builder_builds_failed_total',
          'counter',
          'Number of failed image builds',
          [...failed].map(([reason, value]) => `builder_builds_failed_total${labels({ reason })} ${value}`),
        ),
        ...gauges(facts),
      ].join(''),
  };
}
