/** What runs in a container: command line, environment, user, limits. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ContainerConfig, HostConfig } from '#model/engine-api/types.ts';
import type { OciProcess, OciRlimit } from '#model/oci/runtime-spec.ts';
import { capabilitySets } from './capabilities.ts';
import type { ResolvedUser } from './user.ts';

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface ProcessFacts {
  readonly user: ResolvedUser;
  readonly hostname: string;
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: boolean;
  readonly apparmor: string | undefined;
  /** Whether the command runs below docker-init. */
  readonly init: boolean;
  /** Hard limits that the engine cannot raise, by name (`nofile`); empty when it can raise all. */
  readonly ceilings: Readonly<Record<string, number>>;
}

/** Later ones win, and a name without `=` unsets. */
export function mergeEnvironment(...lists: readonly (readonly string[])[]): string[] {
  const values = new Map<string, string>();
  for (const entry of lists.flat()) {
    const at = entry.indexOf('=');
    if (at < 0) values.delete(entry);
    else values.set(entry.slice(0, at), entry);
  }
  return [...values.values()];
}

/** What Docker sets below the container's own environment. */
function environment(config: ContainerConfig, facts: ProcessFacts): string[] {
  const terminal = config.Tty ? ['TERM=xterm'] : [];
  const preset = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${facts.hostname}`, ...terminal];
  const merged = mergeEnvironment(preset, config.Env ?? []);
  return merged.some((entry) => entry.startsWith('HOME=')) ? merged : [...merged, `HOME=${facts.user.home}`];
}

export function commandLine(config: ContainerConfig): string[] {
  return [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
}

/** Limits above what the engine may give are lowered to it: never fail a container for that. */
export function rlimits(host: HostConfig, ceilings: Readonly<Record<string, number>>): OciRlimit[] {
  return (host.Ulimits ?? []).map(({ Name = '', Soft = 0, Hard = 0 }) => {
    const unlimited = (value: number): number => (value < 0 ? Number.MAX_SAFE_INTEGER : value);
    const ceiling = ceilings[Name] ?? Number.MAX_SAFE_INTEGER;
    const [soft, hard] = [Math.min(unlimited(Soft), ceiling), Math.min(unlimited(Hard), ceiling)];
    return { type: `RLIMIT_${Name.toUpperCase()}`, soft, hard };
  });
}

export function containerProcess(config: ContainerConfig, host: HostConfig, facts: ProcessFacts): OciProcess {
  const command = commandLine(config);
  if (command.length === 0) throw new EngineError('invalid', 'no command specified');
  const [height = 0, width = 0] = host.ConsoleSize ?? [];
  return {
    terminal: config.Tty ?? false,
    ...(config.Tty && height > 0 && width > 0 ? { consoleSize: { height, width } } : {}),
    user: { uid: facts.user.uid, gid: facts.user.gid, additionalGids: facts.user.groups },
    args: facts.init ? ['/sbin/docker-init', '--', ...command] : command,
    env: environment(config, facts),
    cwd: config.WorkingDir || '/',
    capabilities: capabilitySets(facts.capabilities),
    rlimits: rlimits(host, facts.ceilings),
    noNewPrivileges: facts.noNewPrivileges,
    ...(facts.apparmor === undefined ? {} : { apparmorProfile: facts.apparmor }),
    oomScoreAdj: host.OomScoreAdj ?? 0,
  };
}
