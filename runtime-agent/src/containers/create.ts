/** `POST /containers/create`: everything is checked and prepared here that can be before the container runs. */
import { randomBytes } from 'node:crypto';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ContainerConfig, EndpointSettings, HostConfig } from '#model/engine-api/types.ts';
import { formatPlatform, normalisePlatform, parsePlatform } from '#model/oci/platform.ts';
import type { Image } from '../images/images.ts';
import type { ContainerContext } from './context.ts';
import { publish } from './context.ts';
import { checkConfig } from './checks/config.ts';
import { checkBindSources } from './checks/bind-sources.ts';
import { checkHostConfig, completeHostConfig } from './checks/host-config.ts';
import { type HostLimits, hostLimits } from './checks/limits.ts';
import { checkNetworkMode } from './checks/namespaces.ts';
import { resourceWarnings, ulimitWarnings } from './checks/resources.ts';
import type { Container } from './container.ts';
import { withHostDefaults } from './host-defaults.ts';
import { mergeConfig } from './merge-config.ts';
import { attachMounts } from './mounts.ts';
import { checkName, randomName } from './names.ts';
import { type ContainerRecord, instant, NEVER } from './record.ts';
import { containerPaths, makeContainerDirectories, removeContainerDirectories } from './rootfs.ts';
import { makeWorkingDirectory } from './working-directory.ts';
import { resolveLinks } from './links.ts';
import { checkUserNamespace } from './user-namespace.ts';
import { containerHostname, sandboxRequest } from './sandbox-request.ts';

export interface CreateRequest {
  readonly name: string | undefined;
  /** `os/arch[/variant]` that the image must have. */
  readonly platform?: string | undefined;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
  /** Read-only binds leave what is mounted below them writable, as before version 1.44 of the API. */
  readonly readOnlyNonRecursive?: boolean;
}

export interface Created {
  readonly id: string;
  readonly warnings: readonly string[];
}

/** `container:NAME` of a namespace mode with the full id in place of the name. */
function fullReference(context: ContainerContext, mode: string | undefined): string | undefined {
  if (!mode?.startsWith('container:') || mode === 'container:') return mode;
  return `container:${named(context, mode.slice('container:'.length)).id}`;
}

/** Whose network it is, is asked for when the container starts. */
function networkOf(context: ContainerContext, mode: string | undefined): string | undefined {
  const other = joinedContainer(context, mode);
  return other === undefined ? mode : `container:${other.id}`;
}

/** Of a mode `container:NAME`, if there is one by that name. */
function joinedContainer(context: ContainerContext, mode: string | undefined): Container | undefined {
  if (!mode?.startsWith('container:')) return undefined;
  try {
    return context.store.find(mode.slice('container:'.length));
  } catch {
    return undefined;
  }
}

/** A container that another one's configuration names: without it the configuration is wrong, not the path. */
function named(context: ContainerContext, reference: string): Container {
  try {
    return context.store.find(reference);
  } catch (error) {
    throw new EngineError('invalid', messageOf(error), { cause: error });
  }
}

function completeHost(
  context: ContainerContext,
  { config, hostConfig: given }: CreateRequest,
  limits: HostLimits,
): HostConfig {
  const hostConfig = withHostDefaults(given, context.defaults);
  checkHostConfig(hostConfig, limits);
  if (![context.defaults.runtime, CONTAINERD_RUNC].includes(hostConfig.Runtime ?? '')) {
    throw new EngineError('invalid', `unknown or invalid runtime name: ${hostConfig.Runtime}`);
  }
  checkUserNamespace(context.host.ids, hostConfig);
  checkNetworkMode(config, hostConfig);
  checkBindSources(hostConfig);
  return completeHostConfig(hostConfig, limits);
}

/** With the full ids of containers that modes name. */
function namedModes(context: ContainerContext, { PidsLimit, ...host }: HostConfig): HostConfig {
  const modes = {
    NetworkMode: networkOf(context, host.NetworkMode),
    PidMode: fullReference(context, host.PidMode),
    IpcMode: fullReference(context, host.IpcMode),
    ...(PidsLimit !== undefined && PidsLimit !== null && PidsLimit > 0 && { PidsLimit }),
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
  return mode in given ? given : { [mode]: {}, ...given };
}

/** Docker's answers to requests without an image. */
function imageOf(context: ContainerContext, config: ContainerConfig): Image {
  if (!config.Image) throw new EngineError('invalid', 'no command specified');
  return context.images.resolve(config.Image);
}

/** Docker runs no image of another platform than the one that was asked for; one that names no variant fits all. */
function checkPlatform({ platform = '', config }: CreateRequest, image: Image): void {
  if (platform === '') return;
  const found = normalisePlatform(image.config);
  const wanted = parsePlatform(platform, { os: 'linux', architecture: found.architecture });
  const same = wanted.os === found.os && wanted.architecture === found.architecture;
  if (same && (!image.config.variant || (wanted.variant ?? found.variant) === found.variant)) return;
  const both = `(${formatPlatform(found)}) does not match the specified platform (${formatPlatform(wanted)})`;
  throw new EngineError('not-found', `image with reference ${config.Image} was found but its platform ${both}`);
}

/** What is taken and does nothing, or does what the client should ask for elsewhere. */
function warnings(
  { hostConfig }: CreateRequest,
  limits: HostLimits,
  ceilings: Readonly<Record<string, number>>,
): readonly string[] {
  const ports = Object.keys(hostConfig.PortBindings ?? {}).length > 0;
  return [
    ...((hostConfig.Mounts ?? []).some(({ Type }) => Type === 'image')
      ? ['Image mount is an experimental feature']
      : []),
    ...resourceWarnings(hostConfig, limits),
    ...ulimitWarnings(hostConfig, ceilings),
    ...(ports && hostConfig.NetworkMode === 'host'
      ? ['Published ports are discarded when using host network mode']
      : []),
  ];
}

/** containerd's name of runc, which Docker's clients know from `info`. */
const CONTAINERD_RUNC = 'io.containerd.runc.v2';

interface NewContainer {
  readonly id: string;
  readonly limits: HostLimits;
}

function newRecord(context: ContainerContext, request: CreateRequest, { id, limits }: NewContainer): ContainerRecord {
  const { config: given } = request;
  if (Object.keys(given).length === 0) {
    throw new EngineError('invalid', 'config cannot be empty in order to create a container');
  }
  // As in Docker, a configuration that makes no sense is told before an image that is not there.
  checkConfig(given);
  const checked = completeHost(context, request, limits);
  if (request.platform) parsePlatform(request.platform, { os: 'linux', architecture: '' });
  const image = imageOf(context, given);
  checkPlatform(request, image);
  const host = namedModes(context, checked);
  const name = request.name ? checkName(request.name) : randomName((taken) => context.store.nameTaken(taken));
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
  return containerHostname(joinedContainer(context, record.hostConfig.NetworkMode)?.record ?? record);
}

export async function createContainer(context: ContainerContext, request: CreateRequest): Promise<Created> {
  const id = randomBytes(32).toString('hex');
  const limits = hostLimits();
  const bare = newRecord(context, request, { id, limits });
  const links = resolveLinks(context, bare);
  const config = { ...bare.config, Hostname: hostnameFor(context, bare) };
  const record = { ...bare, config, ...(links.length > 0 ? { links } : {}) };
  const { name } = record;
  context.networks.check(sandboxRequest(record));
  context.store.reserve(name, id);
  const paths = containerPaths(context.dataRoot, id);
  try {
    await makeContainerDirectories(paths, context.host.ids);
    await makeWorkingDirectory(context, record);
    const mounts = await attachMounts(context, record, request.readOnlyNonRecursive);
    const container = context.store.add({ ...record, mounts });
    publish(context, container, 'create');
  } catch (error) {
    await removeContainerDirectories(paths);
    context.store.release(name);
    throw error;
  }
  return { id, warnings: warnings(request, limits, context.facts.ceilings) };
}
