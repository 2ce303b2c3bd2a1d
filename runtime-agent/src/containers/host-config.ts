/** HostConfig as a container is kept with: checked, and completed with Docker's defaults. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import { containerCapabilities } from './spec/capabilities.ts';
import { DEFAULT_SHM_SIZE } from './spec/mounts.ts';
import { securityOptions } from './spec/security-options.ts';
import { parseSeccompProfile } from './spec/seccomp.ts';

const MINIMUM_MEMORY = 6 * 1024 * 1024;
const LOG_DRIVERS = new Set(['json-file', 'local', 'none']);
const RLIMITS = new Set(
  'as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
);
/** Namespaced by the kernel, so that a container may set them. */
const IPC_SYSCTLS = new Set(
  'kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni kernel.shm_rmid_forced'.split(
    ' ',
  ),
);

export interface HostLimits {
  readonly cpus: number;
  readonly cgroup2: boolean;
}

const invalid = (message: string): EngineError => new EngineError('invalid', message);
const unsupported = (what: string): EngineError =>
  new EngineError('not-implemented', `${what} is not supported by this engine`);

function checkMemory(host: HostConfig): void {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0, MemorySwappiness } = host;
  if (Memory > 0 && Memory < MINIMUM_MEMORY) throw invalid('Minimum memory limit allowed is 6MB');
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
  const swappiness = MemorySwappiness ?? -1;
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
}

function checkCpu(host: HostConfig, cpus: number): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 } = host;
  if (NanoCpus > 0 && CpuPeriod > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (NanoCpus > 0 && CpuQuota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    throw invalid(`Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkCpuList('cpus', host.CpusetCpus, cpus);
  if (host.CpusetMems && !/^[\d,-]+$/.test(host.CpusetMems)) {
    throw invalid(`Invalid value ${host.CpusetMems} for cpuset mems`);
  }
}

function checkCpuList(name: string, list: string | undefined, available: number): void {
  if (!list) return;
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) throw invalid(`Invalid value ${list} for cpuset ${name}`);
  const highest = Math.max(...list.split(/[,-]/).map(Number));
  if (highest >= available) {
    const all = available === 1 ? '0' : `0-${available - 1}`;
    throw invalid(`Requested CPUs are not available - requested ${list}, available: ${all}`);
  }
}

function checkRestart(host: HostConfig): void {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  const name: string = Name;
  if (host.AutoRemove && name !== '' && name !== 'no') {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  if (name === '' || name === 'no' || name === 'always' || name === 'unless-stopped') {
    if (MaximumRetryCount === 0) return;
    const hint = `invalid restart policy: maximum retry count can only be used with 'on-failure'`;
    throw invalid(MaximumRetryCount < 0 ? `${hint} and cannot be negative` : hint);
  }
  if (name !== 'on-failure') {
    throw invalid(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (MaximumRetryCount < 0) throw invalid('invalid restart policy: maximum retry count cannot be negative');
}

function checkNamespaces(host: HostConfig): void {
  const pid = host.PidMode ?? '';
  if (pid !== '' && pid !== 'host' && !pid.startsWith('container:')) throw invalid(`invalid PID mode: ${pid}`);
  const ipc = host.IpcMode ?? '';
  if (!['', 'none', 'host', 'private', 'shareable'].includes(ipc) && !/^container:.+/.test(ipc)) {
    throw invalid(`invalid IPC mode: ${ipc}`);
  }
  if (!['', 'host'].includes(host.UTSMode ?? '')) throw invalid(`invalid UTS mode: ${host.UTSMode}`);
  if (!['', 'host', 'private'].includes(host.CgroupnsMode ?? '')) {
    throw invalid(`invalid cgroup namespace mode: ${host.CgroupnsMode}`);
  }
  if (!['', 'host'].includes(host.UsernsMode ?? '')) throw invalid(`invalid user namespace mode: ${host.UsernsMode}`);
}

function checkSysctls(host: HostConfig): void {
  for (const name of Object.keys(host.Sysctls ?? {})) {
    const dotted = name.replaceAll('/', '.');
    const net = dotted.startsWith('net.');
    if (net && host.NetworkMode === 'host') {
      throw invalid(`sysctl '${name}' not allowed in host network namespace`);
    }
    if (!net && !dotted.startsWith('fs.mqueue.') && !IPC_SYSCTLS.has(dotted)) {
      throw invalid(`sysctl '${name}' is not allowed: it is not namespaced by the kernel`);
    }
  }
}

function checkSupported(host: HostConfig): void {
  if (host.DeviceRequests?.length) throw unsupported('a device request (GPUs)');
  if (host.StorageOpt && Object.keys(host.StorageOpt).length > 0) {
    throw invalid('--storage-opt is supported only for overlay over xfs with pquota mount option');
  }
  const runtime = host.Runtime ?? '';
  if (runtime !== '' && runtime !== 'runc') throw invalid(`unknown or invalid runtime name: ${runtime}`);
  if (!['', 'default'].includes(host.Isolation ?? '')) throw invalid(`invalid isolation "${host.Isolation}" on linux`);
  const driver = host.LogConfig?.Type ?? '';
  if (driver !== '' && !LOG_DRIVERS.has(driver)) {
    throw invalid(`logger: no log driver named '${driver}' is registered`);
  }
  for (const { Name = '', Soft = 0, Hard = 0 } of host.Ulimits ?? []) {
    if (!RLIMITS.has(Name)) throw invalid(`invalid ulimit type: ${Name}`);
    if (Hard >= 0 && (Soft > Hard || Soft < 0)) {
      throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`);
    }
  }
  const score = host.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  if ((host.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0');
  const weight = host.BlkioWeight ?? 0;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000');
}

function checkSecurity(host: HostConfig): void {
  const wish = { add: host.CapAdd ?? [], drop: host.CapDrop ?? [], privileged: false };
  containerCapabilities(wish, []);
  const { seccomp } = securityOptions(host);
  if (seccomp !== undefined && seccomp !== 'unconfined') parseSeccompProfile(seccomp);
}

/** Throws EngineError('invalid') with Docker's words; 'not-implemented' for what this engine cannot do. */
export function checkHostConfig(host: HostConfig, limits: HostLimits): void {
  checkMemory(host);
  checkCpu(host, limits.cpus);
  checkRestart(host);
  checkNamespaces(host);
  checkSysctls(host);
  checkSupported(host);
  checkSecurity(host);
}

/** What is accepted and has less effect than the user may think. */
export function hostConfigWarnings(host: HostConfig, limits: HostLimits): string[] {
  const warnings: string[] = [];
  if (limits.cgroup2 && (host.MemorySwappiness ?? -1) >= 0) {
    warnings.push(
      'Your kernel does not support memory swappiness capabilities, or the cgroup is not mounted. Memory swappiness discarded.',
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
  return warnings;
}

/** Docker's defaults, as inspect shows them. */
export function completeHostConfig(host: HostConfig, limits: HostLimits): HostConfig {
  const memory = host.Memory ?? 0;
  const mode = host.NetworkMode ?? '';
  const log = host.LogConfig ?? {};
  return {
    ...host,
    NetworkMode: mode === '' || mode === 'default' ? 'bridge' : mode,
    MemorySwap: memory > 0 && !host.MemorySwap ? memory * 2 : (host.MemorySwap ?? 0),
    ShmSize: host.ShmSize || DEFAULT_SHM_SIZE,
    IpcMode: host.IpcMode || 'private',
    CgroupnsMode: host.CgroupnsMode || (limits.cgroup2 && !host.Privileged ? 'private' : 'host'),
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || 'no',
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    LogConfig: { Type: log.Type || 'json-file', Config: log.Config ?? {} },
    Runtime: host.Runtime || 'runc',
  };
}
