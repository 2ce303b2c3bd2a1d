/** Reads from this host what containers' runtime specs depend on. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { OciDevice } from '#model/oci/runtime-spec.ts';
import { type IdMapping, SAME_IDS } from '../host/id-mapping.ts';
import { capabilitiesOf } from './spec/capabilities.ts';
import type { DeviceNumber } from './spec/resources.ts';
import type { SpecFacts } from './spec/spec.ts';

/** The rows of /proc/self/limits by the names that ulimits have. */
const LIMIT_ROWS: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
};

/** Hard limits by name; unlimited ones are left out. @param table contents of /proc/self/limits */
export function hardLimits(table: string): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const line of table.split('\n')) {
    // Columns of 26, 21 and 21 characters: name, soft limit, hard limit.
    const name = LIMIT_ROWS[line.slice(0, 26).trim()];
    const hard = line.slice(47, 68).trim();
    if (name !== undefined && /^\d+$/.test(hard)) limits[name] = Number(hard);
  }
  return limits;
}

interface DeviceNode extends OciDevice {
  readonly type: 'c' | 'b';
}

/** dev_t as glibc packs it (makedev(3)). */
function deviceNode(hostPath: string, containerPath: string): DeviceNode | undefined {
  const stat = statSync(hostPath, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || !(stat.isCharacterDevice() || stat.isBlockDevice())) return undefined;
  const { rdev } = stat;
  return {
    path: containerPath,
    type: stat.isBlockDevice() ? 'b' : 'c',
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
    fileMode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
  };
}

function noDevice(name: string, why = 'no such file or directory'): EngineError {
  const what = `error gathering device information while adding custom device ${JSON.stringify(name)}`;
  return new EngineError('internal', `${what}: ${why}`);
}

/** Names in /dev that runc makes itself or that are mounts of their own. */
const OWN_DEVICES = new Set([
  'pts',
  'shm',
  'mqueue',
  'fd',
  'core',
  'console',
  'lxc',
  'lxd-fuse',
  '.lxc',
  '.lxd-mounts',
]);

function findDevices(hostPath: string, containerPath: string): readonly OciDevice[] {
  const stat = statSync(hostPath, { throwIfNoEntry: false });
  if (stat === undefined) throw noDevice(hostPath);
  const node = deviceNode(hostPath, containerPath);
  const found = node ? [node] : stat.isDirectory() ? devicesBelow(hostPath, containerPath) : [];
  if (found.length === 0) throw noDevice(hostPath, 'not a device node');
  return found;
}

function devicesBelow(hostPath: string, containerPath: string): readonly OciDevice[] {
  return readdirSync(hostPath, { withFileTypes: true }).flatMap((entry) => {
    if (OWN_DEVICES.has(entry.name) || entry.isSymbolicLink()) return [];
    const [from, to] = [path.join(hostPath, entry.name), path.join(containerPath, entry.name)];
    if (entry.isDirectory()) return devicesBelow(from, to);
    return deviceNode(from, to) ?? [];
  });
}

function findDevice(name: string): DeviceNumber {
  const node = deviceNode(name, name);
  if (node === undefined) throw noDevice(name);
  return { major: node.major, minor: node.minor };
}

interface Readied {
  /** As SeccompFacts has it. */
  readonly unusableArchitectures: readonly string[];
  readonly appArmor: boolean;
}

export function readSpecFacts({ unusableArchitectures, appArmor }: Readied, ids: IdMapping = SAME_IDS): SpecFacts {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mask = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  const capabilities = capabilitiesOf(BigInt(`0x${mask}`));
  const limits = (): Record<string, number> => hardLimits(readFileSync('/proc/self/limits', 'utf8'));
  return {
    capabilities,
    architecture: process.arch,
    kernel: release(),
    appArmor,
    unusableArchitectures,
    idRanges: ids.ranges,
    ceilings: capabilities.includes('CAP_SYS_RESOURCE') ? {} : limits(),
    findDevice,
    findDevices,
  };
}
