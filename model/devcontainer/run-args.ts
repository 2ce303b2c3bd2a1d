/** `runArgs` (options of `docker run`) -> parts of the Engine API's create request. */
import { EngineError } from '../engine-api/errors.ts';
import type { HostConfig } from '../engine-api/types.ts';
import { mountOf } from './mounts.ts';
import { applyPort, parseBytes } from './run-arg-values.ts';

/** The parts of a create request that the options may set, mutable while it is put together. */
export interface ContainerDraft {
  name?: string;
  platform?: string;
  hostname?: string;
  user?: string;
  workdir?: string;
  entrypoint?: string[];
  readonly env: Map<string, string>;
  readonly labels: Map<string, string>;
  readonly exposedPorts: Set<string>;
  readonly networkAliases: string[];
  readonly host: { -readonly [K in keyof HostConfig]: HostConfig[K] };
}

export function emptyDraft(): ContainerDraft {
  return { env: new Map(), labels: new Map(), exposedPorts: new Set(), networkAliases: [], host: {} };
}

interface Option {
  readonly names: readonly string[];
  /** A switch takes a value only as `--name=true`. */
  readonly isSwitch?: true;
  readonly apply: (draft: ContainerDraft, value: string, localEnv: (name: string) => string | undefined) => void;
}

type ListKey = 'CapAdd' | 'CapDrop' | 'SecurityOpt' | 'ExtraHosts' | 'Dns' | 'DnsSearch' | 'DnsOptions' | 'GroupAdd';
type TextKey = 'NetworkMode' | 'IpcMode' | 'PidMode' | 'UTSMode' | 'UsernsMode' | 'Runtime' | 'CpusetCpus';
type SwitchKey = 'Init' | 'Privileged' | 'PublishAllPorts' | 'ReadonlyRootfs';
type SizeKey = 'Memory' | 'MemorySwap' | 'MemoryReservation' | 'ShmSize';

const list = (key: ListKey, ...names: readonly string[]): Option => ({
  names,
  apply: ({ host }, value) => void (host[key] = [...(host[key] ?? []), value]),
});
const text = (key: TextKey, ...names: readonly string[]): Option => ({
  names,
  apply: ({ host }, value) => void (host[key] = value),
});
const onOff = (key: SwitchKey, ...names: readonly string[]): Option => ({
  names,
  isSwitch: true,
  apply: ({ host }, value) => void (host[key] = value !== 'false'),
});
const size = (key: SizeKey, ...names: readonly string[]): Option => ({
  names,
  apply: ({ host }, value) => void (host[key] = parseBytes(value)),
});

const OPTIONS: readonly Option[] = [
  { names: ['--name'], apply: (draft, value) => void (draft.name = value) },
  { names: ['--platform'], apply: (draft, value) => void (draft.platform = value) },
  { names: ['-h', '--hostname'], apply: (draft, value) => void (draft.hostname = value) },
  { names: ['-u', '--user'], apply: (draft, value) => void (draft.user = value) },
  { names: ['-w', '--workdir'], apply: (draft, value) => void (draft.workdir = value) },
  { names: ['--entrypoint'], apply: (draft, value) => void (draft.entrypoint = value === '' ? [] : [value]) },
  {
    names: ['-e', '--env'],
    apply: ({ env }, value, localEnv) => {
      const [name = '', ...rest] = value.split('=');
      const given = rest.length > 0 ? rest.join('=') : localEnv(name);
      if (given !== undefined) env.set(name, given);
    },
  },
  {
    names: ['-l', '--label'],
    apply: ({ labels }, value) => {
      const [name = '', ...rest] = value.split('=');
      labels.set(name, rest.join('='));
    },
  },
  { names: ['-v', '--volume'], apply: ({ host }, value) => void (host.Binds = [...(host.Binds ?? []), value]) },
  { names: ['--mount'], apply: ({ host }, value) => void (host.Mounts = [...(host.Mounts ?? []), mountOf(value)]) },
  {
    names: ['--tmpfs'],
    apply: ({ host }, value) => {
      const [path = '', ...options] = value.split(':');
      host.Tmpfs = { ...host.Tmpfs, [path]: options.join(':') };
    },
  },
  { names: ['-p', '--publish'], apply: (draft, value) => applyPort(draft, value) },
  { names: ['--expose'], apply: ({ exposedPorts }, value) => void exposedPorts.add(withProtocol(value)) },
  { names: ['--network-alias', '--net-alias'], apply: (draft, value) => void draft.networkAliases.push(value) },
  text('NetworkMode', '--network', '--net'),
  text('IpcMode', '--ipc'),
  text('PidMode', '--pid'),
  text('UTSMode', '--uts'),
  text('UsernsMode', '--userns'),
  text('Runtime', '--runtime'),
  text('CpusetCpus', '--cpuset-cpus'),
  list('CapAdd', '--cap-add'),
  list('CapDrop', '--cap-drop'),
  list('SecurityOpt', '--security-opt'),
  list('ExtraHosts', '--add-host'),
  list('Dns', '--dns'),
  list('DnsSearch', '--dns-search'),
  list('DnsOptions', '--dns-option', '--dns-opt'),
  list('GroupAdd', '--group-add'),
  onOff('Init', '--init'),
  onOff('Privileged', '--privileged'),
  onOff('PublishAllPorts', '-P', '--publish-all'),
  onOff('ReadonlyRootfs', '--read-only'),
  size('Memory', '-m', '--memory'),
  size('MemorySwap', '--memory-swap'),
  size('MemoryReservation', '--memory-reservation'),
  size('ShmSize', '--shm-size'),
  { names: ['--cpus'], apply: ({ host }, value) => void (host.NanoCpus = Math.round(numberOf(value) * 1e9)) },
  { names: ['--cpu-shares', '-c'], apply: ({ host }, value) => void (host.CpuShares = numberOf(value)) },
  { names: ['--pids-limit'], apply: ({ host }, value) => void (host.PidsLimit = numberOf(value)) },
  {
    names: ['--cgroupns'],
    apply: ({ host }, value) => void (host.CgroupnsMode = value === 'host' ? 'host' : 'private'),
  },
  {
    names: ['--device'],
    apply: ({ host }, value) => {
      const [from = '', to = from, permissions = 'rwm'] = value.split(':');
      const device = { PathOnHost: from, PathInContainer: to, CgroupPermissions: permissions };
      host.Devices = [...(host.Devices ?? []), device];
    },
  },
  {
    names: ['--ulimit'],
    apply: ({ host }, value) => {
      const [Name = '', limits = ''] = value.split('=');
      const [soft = '', hard = soft] = limits.split(':');
      host.Ulimits = [...(host.Ulimits ?? []), { Name, Soft: numberOf(soft), Hard: numberOf(hard) }];
    },
  },
  {
    names: ['--sysctl'],
    apply: ({ host }, value) => {
      const [name = '', ...rest] = value.split('=');
      host.Sysctls = { ...host.Sysctls, [name]: rest.join('=') };
    },
  },
  {
    names: ['--restart'],
    apply: ({ host }, value) => {
      const [name = '', count] = value.split(':');
      const policy = { Name: name as 'always', ...(count === undefined ? {} : { MaximumRetryCount: numberOf(count) }) };
      host.RestartPolicy = policy;
    },
  },
];
const BY_NAME = new Map(OPTIONS.flatMap((option) => option.names.map((name) => [name, option] as const)));

export interface RunArgProblem {
  /** Of the argument in the list. */
  readonly index: number;
  readonly message: string;
}

/** Applies the options to the draft; what cannot be honoured comes back as a problem, the rest is applied. */
export function applyRunArgs(
  draft: ContainerDraft,
  args: readonly string[],
  localEnv: (name: string) => string | undefined,
): RunArgProblem[] {
  const problems: RunArgProblem[] = [];
  for (let index = 0; index < args.length; index++) {
    const start = index;
    const { name, attached } = splitArgument(args[index] ?? '');
    const option = BY_NAME.get(name);
    if (option === undefined) {
      problems.push({ index, message: `runArgs: ${name} is not supported` });
      continue;
    }
    let value = attached;
    if (value === undefined) {
      if (option.isSwitch === true) value = 'true';
      else if (index + 1 < args.length) value = args[++index];
    }
    try {
      if (value === undefined) throw new EngineError('invalid', 'a value is missing');
      option.apply(draft, value, localEnv);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      problems.push({ index: start, message: `runArgs: ${name}: ${error.message}` });
    }
  }
  return problems;
}

/** `--name=value`, `--name`, `-xvalue`, `-x`. */
function splitArgument(argument: string): { name: string; attached: string | undefined } {
  if (argument.startsWith('--')) {
    const equals = argument.indexOf('=');
    if (equals < 0) return { name: argument, attached: undefined };
    return { name: argument.slice(0, equals), attached: argument.slice(equals + 1) };
  }
  if (/^-[a-zA-Z]./.test(argument))
    return { name: argument.slice(0, 2), attached: argument.slice(2).replace(/^=/, '') };
  return { name: argument, attached: undefined };
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new EngineError('invalid', `${JSON.stringify(text)} is not a number`);
}

function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}
