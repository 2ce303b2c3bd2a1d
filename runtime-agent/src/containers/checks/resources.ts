/** Whether the limits that a container asks for make sense on this host, in Docker's words. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import { type HostLimits, numberList } from './limits.ts';

const MINIMUM_MEMORY = 6 * 1024 * 1024;
/** As many as Docker counts to. */
const MAXIMUM_CPUS = 8192;
const invalid = (message: string): EngineError => new EngineError('invalid', message);

function checkMemory(host: HostConfig, { kernelMemory }: HostLimits): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness } = host;
  if (Memory !== 0 && Memory < MINIMUM_MEMORY) throw invalid('Minimum memory limit allowed is 6MB');
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (Memory === 0 && MemorySwap > 0) {
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (MemoryReservation > 0 && MemoryReservation < MINIMUM_MEMORY) {
    throw invalid('Minimum memory reservation allowed is 6MB');
  }
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
  }
  const { KernelMemory: kernel = 0 } = host;
  if (kernelMemory && kernel > 0 && kernel < MINIMUM_MEMORY)
    throw invalid('Minimum kernel memory limit allowed is 6MB');
  const swappiness = MemorySwappiness ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
}

function checkCpu(host: HostConfig, cpus: number): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = host;
  if (NanoCpus > 0 && CpuPeriod > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (NanoCpus > 0 && CpuQuota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (CpuShares < 0) throw invalid(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  }
  const { CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 } = host;
  if (CpuRealtimePeriod > 0 && CpuRealtimeRuntime > CpuRealtimePeriod) {
    throw invalid('cpu real-time runtime cannot be higher than cpu real-time period');
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
}

function rangeText(available: readonly number[]): string {
  const last = available.at(-1) ?? 0;
  return last === 0 ? '0' : `0-${last}`;
}

interface Cpuset {
  readonly name: 'cpus' | 'mems';
  readonly what: 'CPUs' | 'memory nodes';
  readonly available: readonly number[];
}

function checkCpuset(list: string | undefined, { name, what, available }: Cpuset): void {
  if (!list) return;
  const wanted = numberList(list);
  if (wanted === undefined) throw invalid(`Invalid value ${list} for cpuset ${name}: invalid format: ${list}`);
  if (wanted.some((number) => number > MAXIMUM_CPUS)) {
    throw invalid(`Invalid value ${list} for cpuset ${name}: value of out range, maximum is ${MAXIMUM_CPUS}`);
  }
  if (wanted.every((number) => available.includes(number))) return;
  throw invalid(`Requested ${what} are not available - requested ${list}, available: ${rangeText(available)}`);
}

function checkWindows(host: HostConfig): void {
  if (host.IOMaximumIOps) throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux');
  if (host.IOMaximumBandwidth) {
    throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux');
  }
}

export function checkResources(host: HostConfig, limits: HostLimits): void {
  checkWindows(host);
  checkMemory(host, limits);
  checkCpu(host, limits.cpus);
  const cpus = Array.from({ length: limits.cpus }, (_, i) => i);
  checkCpuset(host.CpusetCpus, { name: 'cpus', what: 'CPUs', available: cpus });
  checkCpuset(host.CpusetMems, { name: 'mems', what: 'memory nodes', available: limits.memoryNodes });
  const score = host.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  if ((host.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0');
  const weight = host.BlkioWeight ?? 0;
  if (limits.blockIoWeight && weight !== 0 && (weight < 10 || weight > 1000)) {
    throw invalid('Range of blkio weight is from 10 to 1000');
  }
}

/** What is accepted and has less effect than the user may think; the kernel's gaps are Docker's warnings. */
export function resourceWarnings(host: HostConfig, limits: HostLimits): string[] {
  const warnings: string[] = [];
  if (limits.cgroup2 && (host.MemorySwappiness ?? -1) >= 0) {
    warnings.push(
      'Your kernel does not support memory swappiness capabilities, or the cgroup is not mounted. Memory swappiness discarded.',
    );
  }
  if (!limits.kernelMemory && host.KernelMemory) {
    warnings.push(
      'Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.',
    );
  }
  if (limits.cgroup2 && host.OomKillDisable) {
    warnings.push('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
  }
  if (host.OomKillDisable && !host.Memory) {
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    );
  }
  if (!limits.blockIoWeight && host.BlkioWeight) {
    warnings.push('Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.');
  }
  if (!limits.blockIoWeight && host.BlkioWeightDevice?.length) {
    warnings.push(
      'Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.',
    );
  }
  if ((host.CpuPercent ?? 0) > 0) warnings.push('linux does not support CPU percent. Percent discarded.');
  return warnings;
}

/** Without what the kernel cannot do; resourceWarnings has said so. */
export function discardUnsupported(host: HostConfig, limits: HostLimits): HostConfig {
  const {
    BlkioWeight,
    BlkioWeightDevice,
    CpuPercent = 0,
    KernelMemory,
    MemorySwappiness,
    OomKillDisable,
    ...rest
  } = host;
  return {
    ...rest,
    ...(CpuPercent < 0 ? { CpuPercent } : {}),
    ...(limits.kernelMemory && KernelMemory ? { KernelMemory } : {}),
    ...(limits.blockIoWeight && BlkioWeight !== undefined ? { BlkioWeight } : {}),
    // Clients that send an empty list are shown it again.
    ...(BlkioWeightDevice !== undefined ? { BlkioWeightDevice: limits.blockIoWeight ? BlkioWeightDevice : [] } : {}),
    ...(!limits.cgroup2 && (MemorySwappiness ?? -1) !== -1 ? { MemorySwappiness } : {}),
    ...(!limits.cgroup2 && OomKillDisable !== undefined ? { OomKillDisable } : {}),
  };
}

/** Limits that the engine may not raise as far as the container asks. @param ceilings hard limits by name */
export function ulimitWarnings(host: HostConfig, ceilings: Readonly<Record<string, number>>): string[] {
  return (host.Ulimits ?? []).flatMap(({ Name = '', Hard = 0 }) => {
    const ceiling = ceilings[Name];
    if (ceiling === undefined || (Hard >= 0 && Hard <= ceiling)) return [];
    return [`The engine may not raise the limit ${Name} beyond ${ceiling}: it is lowered to that.`];
  });
}
