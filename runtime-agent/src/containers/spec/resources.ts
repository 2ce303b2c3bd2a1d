/** HostConfig's limits as cgroup resources of the runtime spec. */
import type { HostConfig } from '#model/engine-api/types.ts';
import type { OciBlockIo, OciDeviceRule, OciResources, OciThrottle } from '#model/oci/runtime-spec.ts';

const CPU_PERIOD = 100_000;

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Looks a host device up by path; throws when it is none. */
export type FindDevice = (path: string) => DeviceNumber;

type Throttles = HostConfig['BlkioDeviceReadBps'];

function throttles(devices: Throttles, find: FindDevice): readonly OciThrottle[] | undefined {
  if (!devices?.length) return undefined;
  return devices.map(({ Path = '', Rate = 0 }) => ({ ...find(Path), rate: Rate }));
}

/** Leaves out what is undefined, so that runc keeps the kernel's default. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } | undefined {
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  return entries.length === 0
    ? undefined
    : (Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> });
}

const positive = (value: number | null | undefined): number | undefined => (value ? value : undefined);

function memory(host: HostConfig): OciResources['memory'] {
  const limit = positive(host.Memory);
  // Docker's default: as much swap again as memory.
  const swap = positive(host.MemorySwap) ?? (limit === undefined || limit < 0 ? undefined : limit * 2);
  const swappiness = host.MemorySwappiness ?? -1;
  return defined({
    limit,
    reservation: positive(host.MemoryReservation),
    swap,
    swappiness: swappiness < 0 ? undefined : swappiness,
    disableOOMKiller: host.OomKillDisable ? true : undefined,
  }) as OciResources['memory'];
}

function cpu(host: HostConfig): OciResources['cpu'] {
  const nano = host.NanoCpus ?? 0;
  return defined({
    shares: positive(host.CpuShares),
    quota: nano > 0 ? Math.round((nano * CPU_PERIOD) / 1e9) : positive(host.CpuQuota),
    period: nano > 0 ? CPU_PERIOD : positive(host.CpuPeriod),
    realtimeRuntime: positive(host.CpuRealtimeRuntime),
    realtimePeriod: positive(host.CpuRealtimePeriod),
    cpus: host.CpusetCpus || undefined,
    mems: host.CpusetMems || undefined,
  }) as OciResources['cpu'];
}

function blockIo(host: HostConfig, find: FindDevice): OciBlockIo | undefined {
  const weights = host.BlkioWeightDevice?.map(({ Path = '', Weight = 0 }) => ({ ...find(Path), weight: Weight }));
  return defined({
    weight: positive(host.BlkioWeight),
    weightDevice: weights?.length ? weights : undefined,
    throttleReadBpsDevice: throttles(host.BlkioDeviceReadBps, find),
    throttleWriteBpsDevice: throttles(host.BlkioDeviceWriteBps, find),
    throttleReadIOPSDevice: throttles(host.BlkioDeviceReadIOps, find),
    throttleWriteIOPSDevice: throttles(host.BlkioDeviceWriteIOps, find),
  }) as OciBlockIo | undefined;
}

/** @param devices the device cgroup's rules, the first matching last */
export function containerResources(
  host: HostConfig,
  find: FindDevice,
  devices: readonly OciDeviceRule[],
): OciResources {
  const { PidsLimit: pids } = host;
  const resources: OciResources | undefined = defined({
    devices: devices.length === 0 ? undefined : devices,
    memory: memory(host),
    cpu: cpu(host),
    pids: typeof pids === 'number' ? { limit: pids > 0 ? pids : -1 } : undefined,
    blockIO: blockIo(host, find),
  });
  return resources ?? {};
}
