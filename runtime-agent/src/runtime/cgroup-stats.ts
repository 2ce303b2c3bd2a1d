/** Reads what a cgroup has used, from v1 controllers or the unified hierarchy, into one shape. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type CgroupLayout, cgroupLayout, controllerPath } from './cgroup.ts';

export interface BlockIo {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

export interface CgroupStats {
  /** Nanoseconds. */
  readonly cpu: {
    readonly total: number;
    readonly user: number;
    readonly kernel: number;
    readonly perCpu: readonly number[];
  };
  readonly throttling: { readonly periods: number; readonly throttled: number; readonly timeNs: number };
  readonly memory: {
    readonly usage: number;
    readonly maxUsage: number | undefined;
    readonly failures: number | undefined;
    /** undefined: none. */
    readonly limit: number | undefined;
    readonly stats: Readonly<Record<string, number>>;
  };
  readonly pids: { readonly current: number; readonly limit: number | undefined };
  readonly blockIo: { readonly bytes: readonly BlockIo[]; readonly operations: readonly BlockIo[] };
}

/** v1 says "no limit" with the largest multiple of the page size. */
const UNLIMITED_V1 = 2 ** 62;
const USER_HZ_NS = 1e9 / 100;

async function text(directory: string, file: string): Promise<string> {
  return await readFile(path.join(directory, file), 'utf8').catch(() => '');
}

async function number(directory: string, file: string): Promise<number> {
  return Number((await text(directory, file)).trim() || 0);
}

/** `key value` lines. */
export function keyValues(content: string): Record<string, number> {
  const pairs = [...content.matchAll(/^(\S+) (\d+)$/gm)];
  return Object.fromEntries(pairs.map(([, key = '', value = '0']) => [key, Number(value)]));
}

/** Newer kernels count what Docker does not know of on v1. */
const UNKNOWN_COUNTER = /^(total_)?(shmem|swap|swapcached|workingset_.*|zswap.*)$/;

function memoryCounters(content: string): Record<string, number> {
  return Object.fromEntries(Object.entries(keyValues(content)).filter(([name]) => !UNKNOWN_COUNTER.test(name)));
}

/** v1: `8:0 Read 123`. */
export function parseBlkio(content: string): BlockIo[] {
  return [...content.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, op = '', value]) => ({
    major: Number(major),
    minor: Number(minor),
    op: op.toLowerCase(),
    value: Number(value),
  }));
}

/** v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`. */
export function parseIoStat(content: string, read: string, write: string): BlockIo[] {
  return content.split('\n').flatMap((line) => {
    const device = /^(\d+):(\d+) (.*)$/.exec(line);
    if (!device) return [];
    const values = new Map((device[3] ?? '').split(' ').map((pair) => pair.split('=') as [string, string]));
    const [major, minor] = [Number(device[1]), Number(device[2])];
    return [
      { major, minor, op: 'read', value: Number(values.get(read) ?? 0) },
      { major, minor, op: 'write', value: Number(values.get(write) ?? 0) },
    ];
  });
}

async function readV1(layout: CgroupLayout, cgroup: string): Promise<CgroupStats> {
  const at = (controller: string): string => controllerPath(layout, controller, cgroup);
  const [cpuacct, cpu, memory, pids, blkio] = [at('cpuacct'), at('cpu'), at('memory'), at('pids'), at('blkio')];
  const split = keyValues(await text(cpuacct, 'cpuacct.stat'));
  const throttle = keyValues(await text(cpu, 'cpu.stat'));
  const limit = await number(memory, 'memory.limit_in_bytes');
  const pidsMax = (await text(pids, 'pids.max')).trim();
  const perCpu = (await text(cpuacct, 'cpuacct.usage_percpu')).trim();
  return {
    cpu: {
      total: await number(cpuacct, 'cpuacct.usage'),
      user: (split['user'] ?? 0) * USER_HZ_NS,
      kernel: (split['system'] ?? 0) * USER_HZ_NS,
      perCpu: perCpu === '' ? [] : perCpu.split(/\s+/).map(Number),
    },
    throttling: {
      periods: throttle['nr_periods'] ?? 0,
      throttled: throttle['nr_throttled'] ?? 0,
      timeNs: throttle['throttled_time'] ?? 0,
    },
    memory: {
      usage: await number(memory, 'memory.usage_in_bytes'),
      maxUsage: await number(memory, 'memory.max_usage_in_bytes'),
      failures: await number(memory, 'memory.failcnt'),
      limit: limit === 0 || limit > UNLIMITED_V1 ? undefined : limit,
      stats: memoryCounters(await text(memory, 'memory.stat')),
    },
    pids: {
      current: await number(pids, 'pids.current'),
      limit: pidsMax === 'max' || pidsMax === '' ? undefined : Number(pidsMax),
    },
    blockIo: {
      bytes: parseBlkio(await text(blkio, 'blkio.throttle.io_service_bytes_recursive')),
      operations: parseBlkio(await text(blkio, 'blkio.throttle.io_serviced_recursive')),
    },
  };
}

async function readV2(layout: CgroupLayout, cgroup: string): Promise<CgroupStats> {
  const directory = controllerPath(layout, '', cgroup);
  const cpu = keyValues(await text(directory, 'cpu.stat'));
  const io = await text(directory, 'io.stat');
  const max = async (file: string): Promise<number | undefined> => {
    const value = (await text(directory, file)).trim();
    return value === 'max' || value === '' ? undefined : Number(value);
  };
  const us = (key: string): number => (cpu[key] ?? 0) * 1000;
  return {
    cpu: { total: us('usage_usec'), user: us('user_usec'), kernel: us('system_usec'), perCpu: [] },
    throttling: { periods: cpu['nr_periods'] ?? 0, throttled: cpu['nr_throttled'] ?? 0, timeNs: us('throttled_usec') },
    memory: {
      usage: await number(directory, 'memory.current'),
      maxUsage: undefined,
      failures: undefined,
      limit: await max('memory.max'),
      stats: keyValues(await text(directory, 'memory.stat')),
    },
    pids: { current: await number(directory, 'pids.current'), limit: await max('pids.max') },
    blockIo: { bytes: parseIoStat(io, 'rbytes', 'wbytes'), operations: parseIoStat(io, 'rios', 'wios') },
  };
}

export async function readCgroupStats(cgroup: string, layout: CgroupLayout = cgroupLayout()): Promise<CgroupStats> {
  return layout.version === 2 ? await readV2(layout, cgroup) : await readV1(layout, cgroup);
}
