/** A merged dev container configuration -> the Engine API's create request. */
import { EngineError, messageOf } from '../engine-api/errors.ts';
import type { ContainerCreateRequest, Mount } from '../engine-api/types.ts';
import type { OciContainerDefaults } from '../oci/image-config.ts';
import type { MergedConfig } from './merge.ts';
import { mountOf } from './mounts.ts';
import { applyPort } from './run-arg-values.ts';
import { applyRunArgs, type ContainerDraft, emptyDraft } from './run-args.ts';

export interface ContainerRequestInput {
  readonly config: MergedConfig;
  /** What to run: a name or an id. */
  readonly image: string;
  readonly defaults: OciContainerDefaults;
  readonly workspaceMount: Mount | undefined;
  readonly workspaceFolder: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The editor's server, to be mounted read-only. */
  readonly editorMounts: readonly Mount[];
  readonly localEnv: (name: string) => string | undefined;
}

export interface RequestProblem {
  /** Where in devcontainer.json: `['runArgs', 2]`. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface ContainerRequest {
  readonly request: ContainerCreateRequest;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  /** The user that the editor, its terminals and the hooks run as; `name`, `uid`, `name:group` … */
  readonly remoteUser: string;
  readonly problems: readonly RequestProblem[];
}

export function containerRequest(input: ContainerRequestInput): ContainerRequest {
  const { config, defaults } = input;
  const draft = emptyDraft();
  const problems: RequestProblem[] = [];
  const attempt = (path: RequestProblem['path'], work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      problems.push({ path, message: messageOf(error) });
    }
  };
  for (const [name, value] of Object.entries(config.containerEnv ?? {})) draft.env.set(name, value);
  for (const [i, port] of appPorts(config).entries()) {
    attempt(Array.isArray(config.appPort) ? ['appPort', i] : ['appPort'], () => applyPort(draft, port));
  }
  const mounts: Mount[] = input.workspaceMount === undefined ? [] : [input.workspaceMount];
  for (const [i, mount] of (config.mounts ?? []).entries()) attempt(['mounts', i], () => mounts.push(mountOf(mount)));
  for (const { index, message } of applyRunArgs(draft, config.runArgs ?? [], input.localEnv)) {
    problems.push({ path: ['runArgs', index], message });
  }
  draft.host.Mounts = [...mounts, ...(draft.host.Mounts ?? []), ...input.editorMounts];
  if (config.init === true) draft.host.Init = true;
  if (config.privileged === true) draft.host.Privileged = true;
  appendList(draft, 'CapAdd', config.capAdd);
  appendList(draft, 'SecurityOpt', config.securityOpt);
  const user = draft.user ?? config.containerUser;
  return {
    request: toRequest(input, draft, user),
    name: draft.name,
    platform: draft.platform,
    remoteUser: firstGiven(config.remoteUser, user, defaults.User) ?? 'root',
    problems,
  };
}

function toRequest(
  input: ContainerRequestInput,
  draft: ContainerDraft,
  user: string | undefined,
): ContainerCreateRequest {
  const aliases = draft.networkAliases;
  const network = draft.host.NetworkMode ?? 'default';
  return {
    Image: input.image,
    ...commandOf(input, draft),
    Env: [...draft.env].map(([name, value]) => `${name}=${value}`),
    Labels: { ...Object.fromEntries(draft.labels), ...input.labels },
    ...(user === undefined ? {} : { User: user }),
    ...(draft.hostname === undefined ? {} : { Hostname: draft.hostname }),
    ...(draft.workdir === undefined ? {} : { WorkingDir: draft.workdir }),
    ...(draft.exposedPorts.size === 0
      ? {}
      : { ExposedPorts: Object.fromEntries([...draft.exposedPorts].map((port) => [port, {}])) }),
    HostConfig: draft.host,
    ...(aliases.length === 0 ? {} : { NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: aliases } } } }),
  };
}

/** Ends at once on a stop, and reaps what the editor leaves behind. */
const KEEP_ALIVE = ["trap 'exit 0' TERM INT", 'while :; do sleep 3600 & wait $!; done'];

function commandOf(
  { config, defaults }: ContainerRequestInput,
  draft: ContainerDraft,
): Pick<ContainerCreateRequest, 'Entrypoint' | 'Cmd'> {
  const { entrypoints } = config;
  if (config.overrideCommand !== false) {
    return { Entrypoint: ['/bin/sh'], Cmd: ['-c', [...entrypoints, ...KEEP_ALIVE].join('\n'), '-'] };
  }
  if (entrypoints.length === 0) return draft.entrypoint === undefined ? {} : { Entrypoint: draft.entrypoint };
  const own = [...(draft.entrypoint ?? defaults.Entrypoint ?? []), ...(defaults.Cmd ?? [])];
  return { Entrypoint: ['/bin/sh'], Cmd: ['-c', [...entrypoints, 'exec "$@"'].join('\n'), '-', ...own] };
}

/** A plain number is published on loopback only, as the reference tool does. */
function appPorts({ appPort }: MergedConfig): string[] {
  const ports = appPort === undefined ? [] : typeof appPort === 'object' ? appPort : [appPort];
  return ports.map((port) => (typeof port === 'number' ? `127.0.0.1:${port}:${port}` : port));
}

function appendList(draft: ContainerDraft, key: 'CapAdd' | 'SecurityOpt', more: readonly string[] | undefined): void {
  if (more !== undefined && more.length > 0) draft.host[key] = [...new Set([...(draft.host[key] ?? []), ...more])];
}

function firstGiven(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value !== '');
}
