/** AppArmor's profile `docker-default`, which containers get where the host has AppArmor, as with Docker. */
import { existsSync, readFileSync } from 'node:fs';
import type { Host } from './host.ts';

export const DEFAULT_PROFILE = 'docker-default';

const ENABLED = '/sys/module/apparmor/parameters/enabled';
const LOADED = '/sys/kernel/security/apparmor/profiles';

/** What of the host's AppArmor policy the profile may refer to. */
export interface AppArmorPolicy {
  readonly tunables: boolean;
  readonly base: boolean;
  /** Version 4 denies Unix sockets to what says `network` without naming an older ABI; version 2 knows no ABIs. */
  readonly abi: boolean;
}

/**
 * A container may do with its own files, capabilities and network what it likes, and nothing to the kernel's settings, other
 * containers' processes and mounts.
 */
export function defaultProfileText({ tunables, base, abi }: AppArmorPolicy): string {
  return `${abi ? 'abi <abi/3.0>,\n' : ''}${tunables ? '#include <tunables/global>' : '@{PROC}=/proc/'}

profile ${DEFAULT_PROFILE} flags=(attach_disconnected,mediate_deleted) {
  ${base ? '#include <abstractions/base>' : ''}
  file,
  network,
  capability,
  umount,
  deny mount,

  # The engine, the runtime and people on the host end containers; containers only their own processes.
  signal (receive) peer=unconfined,
  signal (receive) peer=runc,
  signal (receive) peer=crun,
  signal (send,receive) peer=${DEFAULT_PROFILE},
  ptrace (trace,read,tracedby,readby) peer=${DEFAULT_PROFILE},

  # Of /proc its own processes' files may be written, and the limits of shared memory.
  deny @{PROC}/* w,
  deny @{PROC}/{acpi,asound,bus,driver,fs,irq,scsi,sysvipc,tty}/** w,
  deny @{PROC}/sys/[^k]** w,
  deny @{PROC}/sys/kernel/[^s]** w,
  deny @{PROC}/sys/kernel/s[^h]** w,
  deny @{PROC}/sys/kernel/sh[^m]** w,
  deny @{PROC}/{kcore,kmem,mem,sysrq-trigger} rwklx,

  # Of /sys only control groups.
  deny /sys/{block,bus,class,dev,devices,hypervisor,kernel,module,power}/** wklx,
  deny /sys/fs/[^c]** wklx,
  deny /sys/fs/c[^g]** wklx,
  deny /sys/{firmware,kernel/security,devices/virtual/powercap}/** rwklx,
}
`;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Loads the profile unless it is there. A host that has AppArmor and does not take it cannot start containers with it.
 * @returns whether the host has AppArmor, and can load profiles
 */
export async function prepareAppArmor(
  host: Pick<Host, 'run'>,
  warn: (message: string, error: unknown) => void,
): Promise<boolean> {
  const parser = ['/sbin/apparmor_parser', '/usr/sbin/apparmor_parser'].find((file) => existsSync(file));
  if (!read(ENABLED).startsWith('Y') || parser === undefined) return false;
  if (read(LOADED).includes(`${DEFAULT_PROFILE} (`)) return true;
  const policy = (name: string): boolean => existsSync(`/etc/apparmor.d/${name}`);
  const text = defaultProfileText({
    tunables: policy('tunables/global'),
    base: policy('abstractions/base'),
    abi: policy('abi/3.0'),
  });
  await host
    .run(parser, ['--replace', '--skip-cache'], { input: text })
    .catch((error: unknown) => warn(`AppArmor's profile ${DEFAULT_PROFILE} cannot be loaded`, error));
  return true;
}
