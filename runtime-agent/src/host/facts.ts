/** Facts of the host that `info` and `version` show. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { amd64Level } from './amd64-level.ts';
import type { Host } from './host.ts';

export interface HostFacts {
  readonly kernel: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  /** As uname(1) says: x86_64. */
  readonly machine: string;
  /** As Docker and Go say: amd64. */
  readonly goArch: string;
  /** Of amd64: `v3`; undefined for the first. Read when asked for: /proc/cpuinfo is long on a large machine. */
  readonly level: () => string | undefined;
  readonly cpus: number;
  readonly memory: number;
  readonly name: string;
  readonly cgroupVersion: '1' | '2';
  /** What the kernel's memory controller offers; nothing of it on cgroup v2. */
  readonly memoryControls: { readonly oomKillDisable: boolean; readonly kernelMemoryTcp: boolean };
  readonly backingFilesystem: string;
  readonly runcVersion: string;
  readonly conmonVersion: string;
}

const GO_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' };
const MACHINE: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', arm: 'armv7l', ia32: 'i686' };
/** statfs(2) magic numbers, by Docker's names. */
const FILESYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'extfs',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlayfs',
  0x2fc12fc1: 'zfs',
  0xf2f52010: 'f2fs',
};

function osRelease(): ReadonlyMap<string, string> {
  const file = ['/etc/os-release', '/usr/lib/os-release'].find((name) => existsSync(name));
  const text = file === undefined ? '' : readFileSync(file, 'utf8');
  return new Map([...text.matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)].map(([, key = '', value = '']) => [key, value]));
}

async function versionOf(host: Host, program: string): Promise<string> {
  const { stdout } = await host.run(program, ['--version'], { onFailure: 'return' }).catch(() => ({ stdout: '' }));
  return /version (\S+)/.exec(stdout)?.[1] ?? '';
}

type Timed = <R>(what: 'operating_system' | 'os_version', work: () => Promise<R>) => Promise<R>;

/**
 * @param dataRoot an existing folder on the file system that holds the images
 * @param timed runs what dockerd measures
 */
export async function readHostFacts(
  host: Host,
  dataRoot: string,
  timed: Timed = (_what, work) => work(),
): Promise<HostFacts> {
  const [runcVersion, conmonVersion] = await Promise.all([versionOf(host, 'runc'), versionOf(host, 'conmon')]);
  const os = await timed('operating_system', async () => osRelease());
  return {
    kernel: release(),
    operatingSystem: os.get('PRETTY_NAME') ?? 'Linux',
    osVersion: await timed('os_version', async () => os.get('VERSION_ID') ?? ''),
    machine: MACHINE[arch()] ?? arch(),
    goArch: GO_ARCH[arch()] ?? arch(),
    level: () => (arch() === 'x64' ? amd64Level(readFileSync('/proc/cpuinfo', 'utf8')) : undefined),
    cpus: cpus().length,
    memory: totalmem(),
    name: hostname(),
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? '2' : '1',
    memoryControls: {
      oomKillDisable: existsSync('/sys/fs/cgroup/memory/memory.oom_control'),
      kernelMemoryTcp: existsSync('/sys/fs/cgroup/memory/memory.kmem.tcp.limit_in_bytes'),
    },
    backingFilesystem: FILESYSTEMS[statfsSync(dataRoot).type] ?? '<unknown>',
    runcVersion,
    conmonVersion,
  };
}
