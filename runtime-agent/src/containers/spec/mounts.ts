/** The mounts of a container: what every Linux container has, its own, and the engine's files over /etc. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import type { OciMount } from '#model/oci/runtime-spec.ts';
import type { ContainerMount } from '../record.ts';

/** Docker's default, 64 MiB. */
export const DEFAULT_SHM_SIZE = 64 * 1024 * 1024;

export interface MountSources {
  /** Files of the engine that are mounted over the image's. */
  /** Undefined: /etc/hostname is the image's own, if it has one. */
  readonly hostname: string | undefined;
  readonly hosts: string;
  readonly resolvConf: string;
  /** Nothing may write to these files, whatever the root file system is. */
  readonly readOnly?: boolean;
  /** On the host; undefined without --init. */
  readonly init: string | undefined;
  /** Another container's /dev/shm, on the host, to share. */
  readonly sharedShm: string | undefined;
}

const mount = (destination: string, type: string, source: string, ...options: string[]): OciMount => ({
  destination,
  type,
  source,
  options,
});

function systemMounts(host: HostConfig, writableCgroups: boolean, sharedShm: string | undefined): OciMount[] {
  const sysAccess = host.Privileged ? 'rw' : 'ro';
  const cgroupAccess = writableCgroups ? 'rw' : 'ro';
  const size = host.ShmSize || DEFAULT_SHM_SIZE;
  const shm =
    sharedShm === undefined
      ? mount('/dev/shm', 'tmpfs', 'shm', 'nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`)
      : mount('/dev/shm', 'bind', sharedShm, 'rbind', 'rprivate');
  return [
    mount('/proc', 'proc', 'proc', 'nosuid', 'noexec', 'nodev'),
    mount('/dev', 'tmpfs', 'tmpfs', 'nosuid', 'strictatime', 'mode=755', 'size=65536k'),
    mount('/dev/pts', 'devpts', 'devpts', 'nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'),
    mount('/sys', 'sysfs', 'sysfs', 'nosuid', 'noexec', 'nodev', sysAccess),
    mount('/sys/fs/cgroup', 'cgroup', 'cgroup', cgroupAccess, 'nosuid', 'noexec', 'nodev'),
    mount('/dev/mqueue', 'mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
    ...(host.IpcMode === 'none' ? [] : [shm]),
  ];
}

const TMPFS_WORDS = new Set(
  [
    'defaults ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime',
    'nodiratime bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime',
    'strictatime nostrictatime',
  ].flatMap((line) => line.split(' ')),
);
const TMPFS_VALUES = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol']);

const PROPAGATION = /^r?(?:shared|slave|private|unbindable)$/;

/** tmpfs options as `--tmpfs /t:size=1m,exec` gives them, over Docker's defaults. As in Docker checked at the start. */
function tmpfsOptions(given: string): string[] {
  const wanted = given.split(',').filter((option) => option !== '');
  for (const option of wanted) {
    const [name = '', value] = option.split('=');
    if (value === undefined ? TMPFS_WORDS.has(option) : TMPFS_VALUES.has(name)) continue;
    throw new EngineError('invalid', `invalid tmpfs option ${JSON.stringify(name)}`);
  }
  const defaults = ['noexec', 'nosuid', 'nodev'].filter((option) => !wanted.includes(option.slice(2)));
  const propagation = wanted.some((option) => PROPAGATION.test(option)) ? [] : ['rprivate'];
  return [...defaults, ...wanted.filter((option) => !defaults.includes(option)), ...propagation];
}

/** Read-only means with all that is mounted below, where the kernel can do it and the user has not asked for less. */
function containerMount(own: ContainerMount, recursiveReadOnly: boolean): OciMount {
  if (own.type === 'tmpfs') return mount(own.destination, 'tmpfs', 'tmpfs', ...tmpfsOptions(own.mode));
  if (own.readOnlyForceRecursive && (own.rw || own.readOnlyNonRecursive)) {
    const other = own.rw ? '!ReadOnly' : 'ReadOnlyNonRecursive';
    throw new EngineError('internal', `mount options conflict: ${other} && BindOptions.ReadOnlyForceRecursive`);
  }
  const access = own.rw ? [] : [recursiveReadOnly && !own.readOnlyNonRecursive ? 'rro' : 'ro'];
  if (own.readOnlyForceRecursive && !recursiveReadOnly) {
    throw new EngineError('invalid', 'ReadOnlyForceRecursive needs Linux 5.12: this kernel cannot do it');
  }
  const recursion = own.nonRecursive ? 'bind' : 'rbind';
  return mount(own.destination, 'bind', own.source, recursion, ...access, own.propagation || 'rprivate');
}

const depth = (destination: string): number => destination.split('/').filter((part) => part !== '').length;

export interface MountWish {
  readonly host: HostConfig;
  readonly own: readonly ContainerMount[];
  readonly sources: MountSources;
  readonly writableCgroups: boolean;
  /** Whether the kernel can make a mount read-only together with those below it. */
  readonly recursiveReadOnly: boolean;
}

/** Parents come before what is mounted below them; what the user mounts replaces the engine's mount at that place. */
export function containerMounts({ host, own, sources, ...wish }: MountWish): OciMount[] {
  const taken = new Set(own.map(({ destination }) => destination));
  const access = host.ReadonlyRootfs || sources.readOnly ? 'ro' : 'rw';
  const etc = [
    mount('/etc/resolv.conf', 'bind', sources.resolvConf, 'rbind', access, 'rprivate'),
    ...(sources.hostname === undefined
      ? []
      : [mount('/etc/hostname', 'bind', sources.hostname, 'rbind', access, 'rprivate')]),
    mount('/etc/hosts', 'bind', sources.hosts, 'rbind', access, 'rprivate'),
  ];
  const init =
    sources.init === undefined ? [] : [mount('/sbin/docker-init', 'bind', sources.init, 'bind', 'ro', 'rprivate')];
  const system = systemMounts(host, wish.writableCgroups, sources.sharedShm).filter(
    // A user who mounts over /dev takes over what is below it, too.
    ({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')),
  );
  const users = own.map((mount_) => containerMount(mount_, wish.recursiveReadOnly));
  const files = etc.filter(({ destination }) => !taken.has(destination));
  const sorted = [...files, ...users].sort((a, b) => depth(a.destination) - depth(b.destination));
  return [...system, ...init, ...sorted];
}
