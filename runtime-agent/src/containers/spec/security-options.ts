/**
 * HostConfig.SecurityOpt: `no-new-privileges`, `seccomp=…`, `apparmor=…`, `label=…`. Clients turn `systempaths=unconfined`
 * into empty MaskedPaths and ReadonlyPaths; here it is unknown, as in dockerd.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import type { HostConfig } from '#model/engine-api/types.ts';
import { DEFAULT_PROFILE } from '../../host/app-armor.ts';

export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** undefined: the default profile; 'unconfined': none; otherwise a profile in JSON. */
  readonly seccomp: string | undefined;
  /** The profile's name, where AppArmor is on. */
  readonly apparmor: string;
  readonly writableCgroups: boolean;
}

/** Throws EngineError('invalid') with Docker's words for options that do not exist. */
export function securityOptions(host: HostConfig): SecurityOptions {
  let noNewPrivileges = false;
  let seccomp: string | undefined;
  let apparmor = host.Privileged ? 'unconfined' : DEFAULT_PROFILE;
  let writableCgroups = host.Privileged ?? false;
  for (const option of host.SecurityOpt ?? []) {
    const match = /^([^=:]+)(?:[=:]([\s\S]*))?$/.exec(option);
    const [, name = '', value = ''] = match ?? [];
    const bare = match?.[2] === undefined;
    if (name === 'no-new-privileges') noNewPrivileges = bare || flag(option, value);
    else if (name === 'seccomp' && !bare) seccomp = value === 'builtin' || value === '' ? undefined : value;
    else if (name === 'apparmor' && !bare) apparmor = value || apparmor;
    else if (name === 'writable-cgroups') writableCgroups = bare || flag(option, value);
    // Labels are SELinux's, which Docker ignores as well where it is off; `disable` is how they were turned off once.
    else if (name === 'label' || option === 'disable') continue;
    else {
      const place = /[=:]/.test(option) ? 2 : 1;
      throw new EngineError('internal', `invalid --security-opt ${place}: ${JSON.stringify(option)}`);
    }
  }
  return { noNewPrivileges, seccomp: host.Privileged ? (seccomp ?? 'unconfined') : seccomp, apparmor, writableCgroups };
}

function flag(option: string, value: string): boolean {
  if (/^(true|1|t)$/i.test(value)) return true;
  if (/^(false|0|f)$/i.test(value)) return false;
  throw new EngineError('internal', `invalid --security-opt 2: ${JSON.stringify(option)}`);
}
