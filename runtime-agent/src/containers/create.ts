/** `POST /containers/create`: everything is checked and prepared here that can be before the container runs. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ContainerConfig, EndpointSettings, HostConfig } from '#model/engine-api/types.ts';
import { cgroupLayout } from '../runtime/cgroup.ts';
import type { ContainerContext } from './context.ts';
import { publish } from './context.ts';
import { checkHostConfig, completeHostConfig, hostConfigWarnings, type HostLimits } from './host-config.ts';
import { mergeConfig } from './merge-config.ts';
import { attachMounts } from './mounts.ts';
import { checkName, randomName } from './names.ts';
import { type ContainerRecord, instant, NEVER } from './record.ts';
import { containerPaths, makeContainerDirectories, removeContainerDirectories } from './rootfs.ts';
import { resolveLinks } from './links.ts';
import { containerHostname, sandboxRequest } from './sandbox-request.ts';
import { signalNumber } from '../host/signals.ts';

export interface CreateRequest {
  readonly name: string | undefined;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
}

export interface Created {
  readonly id: string;
  readonly warnings: readonly string[];
}

export function hostLimits(): HostLimits {
  return { cpus: availableParallelism(), cgroup2: cgroupLayout().version === 2 };
}

/** `container:NAME` of a namespace mode with the full id in place of the name. */
function fullReference(context: ContainerContext, mode: string | undefined): string | undefined {
  if (!mode?.startsWith('container:')) return mode;
  return `container:${context.store.find(mode.slice('container:'.length)).id}`;
}

function completeHost(context: ContainerContext, given: HostConfig, limits: HostLimits): HostConfig {
  checkHostConfig(given, limits);
  const host = completeHostConfig(given, limits);
  const modes = {
    NetworkMode: fullReference(context, host.NetworkMode),
    PidMode: fullReference(context, host.PidMode),
    IpcMode: fullReference(context, host.IpcMode),
  };
  return { ...host, ...Object.fromEntries(Object.entries(modes).filter(([, mode]) => mode !== undefined)) };
}

/** The network of NetworkMode is always among those to join. */
function joinedNetworks(
  host: HostConfig,
  given: Readonly<Record<string, EndpointSettings>>,
): Readonly<Record<string, EndpointSettings>> {
  const mode = host.NetworkMode ?? 'bridge';
  if (mode.startsWith('container:')) return {};
  const { default: standard, ...others } = given;
  const all = standard === undefined ? { ...others } : { bridge: standard, ...others };
  return mode in all ? all : { [mode]: {}, ...all };
}

function newRecord(context: ContainerContext, request: CreateRequest, id: string, name: string): ContainerRecord {
  const { config: given } = request;
  const image = context.images.resolve(given.Image ?? '');
  if (given.StopSignal) signalNumber(given.StopSignal);
  const host = completeHost(context, request.hostConfig, hostLimits());
  return {
    id,
    name,
    created: instant(),
    image: image.id,
    chainIds: image.chainIds,
    diffIds: image.config.rootfs.diff_ids,
    platform: { os: image.config.os, architecture: image.config.architecture },
    config: mergeConfig(given, image.config.config ?? {}),
    hostConfig: host,
    endpoints: joinedNetworks(host, request.endpoints),
    mounts: [],
    state: {
      status: 'created',
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt: NEVER,
      finishedAt: NEVER,
      manuallyStopped: false,
    },
    restartCount: 0,
  };
}

/** A container in another's network has its name, too. */
function hostnameFor(context: ContainerContext, record: ContainerRecord): string {
  const mode = record.hostConfig.NetworkMode ?? '';
  if (!mode.startsWith('container:')) return containerHostname(record);
  return containerHostname(context.store.find(mode.slice('container:'.length)).record);
}

export async function createContainer(context: ContainerContext, request: CreateRequest): Promise<Created> {
  const id = randomBytes(32).toString('hex');
  const name = request.name ? checkName(request.name) : randomName((taken) => context.store.nameTaken(taken));
  const bare = newRecord(context, request, id, name);
  const record = { ...bare, config: { ...bare.config, Hostname: hostnameFor(context, bare) } };
  resolveLinks(context, record);
  context.networks.check(sandboxRequest(record));
  context.store.reserve(name, id);
  const paths = containerPaths(context.dataRoot, id);
  try {
    await makeContainerDirectories(paths);
    const mounts = await attachMounts(context, record);
    const container = context.store.add({ ...record, mounts });
    publish(context, container, 'create');
  } catch (error) {
    await removeContainerDirectories(paths);
    context.store.release(name);
    throw error;
  }
  return { id, warnings: hostConfigWarnings(record.hostConfig, hostLimits()) };
}
