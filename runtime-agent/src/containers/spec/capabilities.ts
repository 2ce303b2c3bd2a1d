import { EngineError } from '#model/engine-api/errors.ts';
import type { OciCapabilities } from '#model/oci/runtime-spec.ts';

/** capabilities(7), in the order of their bits. */
const CAPABILITIES = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE',
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN',
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE',
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE',
]
  .flatMap((line) => line.split(' '))
  .map((name) => `CAP_${name}`);

/** What Docker gives every container. */
const DEFAULT_CAPABILITIES = [
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL',
  'AUDIT_WRITE',
]
  .flatMap((line) => line.split(' '))
  .map((name) => `CAP_${name}`);

/** The names of the bits set in a mask such as `CapPrm` of /proc/self/status. */
export function capabilitiesOf(mask: bigint): string[] {
  return CAPABILITIES.filter((_name, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}

/** `net_admin`, `CAP_NET_ADMIN` and `ALL` as clients write them. Throws EngineError('invalid') for unknown names. */
function normalise(field: 'CapAdd' | 'CapDrop', names: readonly string[]): string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    if (upper === 'ALL') return upper;
    const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (!CAPABILITIES.includes(full))
      throw new EngineError('invalid', `invalid ${field}: unknown capability: ${JSON.stringify(full)}`);
    return full;
  });
}

export interface CapabilityWish {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}

/** @param available what the engine itself may pass on */
export function containerCapabilities(wish: CapabilityWish, available: readonly string[]): string[] {
  if (wish.privileged) return [...available];
  const add = normalise('CapAdd', wish.add);
  const drop = normalise('CapDrop', wish.drop);
  const all = add.includes('ALL');
  const kept = (all ? available : DEFAULT_CAPABILITIES).filter(() => !drop.includes('ALL') || all);
  const chosen = new Set([...kept.filter((name) => !drop.includes(name)), ...add.filter((name) => name !== 'ALL')]);
  // Asked for by name but not the engine's to give: runc would fail with less of an explanation.
  return [...available.filter((name) => chosen.has(name)), ...add.filter((n) => n !== 'ALL' && !available.includes(n))];
}

/** Docker gives no inheritable and ambient capabilities (CVE-2022-24769). */
export function capabilitySets(names: readonly string[]): OciCapabilities {
  return { bounding: names, effective: names, permitted: names, inheritable: [], ambient: [] };
}
