/** `POST /containers/{id}/start`: network and root file system, runtime spec, conmon, go. All of it or nothing. */
import path from 'node:path';
import { EngineError, type EngineErrorCode, messageOf } from '#model/engine-api/errors.ts';
import { INIT_PROGRAMS } from '#model/host/tools.ts';
import type { OciMount, OciSpec } from '#model/oci/runtime-spec.ts';
import { findTool } from '../host/tools.ts';
import type { Sandbox, SandboxRequest } from '../network/networks.ts';
import { failedStartCode } from '../runtime/failure.ts';
import { CURRENT_LOG } from '../runtime/log-read.ts';
import { accountsBeforeStart } from './accounts.ts';
import { announce, type Container, createRun, isRunning, tellWaiters } from './container.ts';
import { refuseDeviceRequests } from './checks/device-requests.ts';
import { checkSysctls } from './checks/sysctls.ts';
import { type ContainerContext, publish } from './context.ts';
import { releaseRun } from './release-run.ts';
import { mountImages } from './image-mounts.ts';
import { startHealthMonitor } from './health.ts';
import { watchForOom } from './oom-watch.ts';
import { tellLinking } from './network-files.ts';
import { checkLinks, linkEnvironment } from './links.ts';
import { checkVerb } from './lifecycle.ts';
import { ownStreams } from './own-streams.ts';
import { type ContainerMount, type ContainerRecord, instant } from './record.ts';
import { removeLocked } from './remove.ts';
import { containerPaths, makeInitLayerOf, mountRootfs, rootMount, writeEtcFiles } from './rootfs.ts';
import { openSharedMemory } from './shared-memory.ts';
import { containerHostname, sandboxRequest } from './sandbox-request.ts';
import { containerSpec } from './spec/spec.ts';
import { type Accounts, resolveUser } from './spec/user.ts';
import { connectLog, startLogShipping } from './log-shipping.ts';
import { checkBindPropagation } from './mount-propagation.ts';
import { isRemapped } from './user-namespace.ts';
import { publishVolumes } from './volume-events.ts';
import { mountParts } from './volume-subpath.ts';

function initProgram({ defaults }: ContainerContext, record: ContainerRecord): string | undefined {
  if (!(record.hostConfig.Init ?? defaults.init)) return undefined;
  if (defaults.initPath !== undefined) return defaults.initPath;
  const [program = '', ...or] = INIT_PROGRAMS;
  const found = findTool({ program, or });
  if (found !== undefined) return found;
  throw new EngineError(
    'unavailable',
    "--init needs docker-init: install the package 'tini' (or 'catatonit') on this host",
  );
}

/** `/proc/PID/ns/KIND` of the container that the mode names. */
function joinedNamespace(context: ContainerContext, mode: string | undefined, kind: string): string | undefined {
  if (!mode?.startsWith('container:')) return undefined;
  const other = context.store.find(mode.slice('container:'.length));
  const { process } = other.record.state;
  if (!isRunning(other) || process === undefined) {
    throw new EngineError(
      'internal',
      `failed to join ${kind.toUpperCase()} namespace: container ${other.id} is not running`,
    );
  }
  return `/proc/${process.pid}/ns/${kind}`;
}

/** Whose user namespace the container's other namespaces are to belong to: that of the container whose IPC or PIDs it shares. */
function userNamespaceWish(
  context: ContainerContext,
  { hostConfig }: ContainerRecord,
): Pick<SandboxRequest, 'userNamespace'> {
  if (!isRemapped(context.host.ids, hostConfig)) return { userNamespace: 'host' };
  const joined =
    joinedNamespace(context, hostConfig.PidMode, 'user') ?? joinedNamespace(context, hostConfig.IpcMode, 'user');
  return joined === undefined ? {} : { userNamespace: joined };
}

interface Prepared {
  readonly sandbox: Sandbox;
  readonly accounts: Accounts;
  readonly rootMount: OciMount | undefined;
  readonly mounts: readonly ContainerMount[];
}

async function prepareRootfs(
  context: ContainerContext,
  record: ContainerRecord,
): Promise<Omit<Prepared, 'sandbox' | 'mounts'>> {
  await makeInitLayerOf(context, record);
  const mount = rootMount(context, record);
  const accounts = await accountsBeforeStart(context, record);
  if (mount === undefined) await mountRootfs(context, record);
  await mountImages(context, record);
  return { accounts, rootMount: mount };
}

/** Network and root file system at once; when one fails the other is undone by the caller. */
async function prepare(context: ContainerContext, record: ContainerRecord): Promise<Omit<Prepared, 'mounts'>> {
  const [rootfs, sandbox] = await Promise.allSettled([
    prepareRootfs(context, record),
    context.networks.open({ ...sandboxRequest(record), ...userNamespaceWish(context, record) }),
  ]);
  if (rootfs.status === 'rejected') throw rootfs.reason;
  if (sandbox.status === 'rejected') throw sandbox.reason;
  return { ...rootfs.value, sandbox: sandbox.value };
}

/** Throws, before anything is made, when the container whose network is to be joined cannot give it. */
function checkJoinedNetwork(context: ContainerContext, record: ContainerRecord): void {
  const mode = record.hostConfig.NetworkMode ?? '';
  if (!mode.startsWith('container:')) return;
  const reference = mode.slice('container:'.length);
  if (reference === record.id || reference === record.name)
    throw new EngineError('internal', 'cannot join own network namespace');
  const { code, message } = networkOwner(context, reference) ?? {};
  if (code !== undefined) throw new EngineError(code, message ?? '');
}

function networkOwner(
  context: ContainerContext,
  reference: string,
): { readonly code: EngineErrorCode; readonly message: string } | undefined {
  try {
    const { record } = context.store.find(reference);
    const { status } = record.state;
    if (status === 'running' || status === 'paused') return undefined;
    const message = `cannot join network namespace of a non running container: container ${record.name} is ${status}`;
    return { code: 'conflict', message };
  } catch (error) {
    return { code: 'internal', message: `joining network namespace of container: ${messageOf(error)}` };
  }
}

async function makeSpec(context: ContainerContext, record: ContainerRecord, prepared: Prepared): Promise<OciSpec> {
  const { config, hostConfig } = record;
  const mounts = await checkBindPropagation(prepared.mounts);
  const { sandbox } = prepared;
  const paths = containerPaths(context.dataRoot, record.id);
  const hostname = containerHostname(record);
  await writeEtcFiles(paths, context.host.ids, { hostname, hosts: sandbox.hosts, resolvConf: sandbox.resolvConf });
  return containerSpec(
    {
      id: record.id,
      config: { ...config, Env: [...linkEnvironment(context, record), ...(config.Env ?? [])] },
      host: hostConfig,
      mounts,
      rootfs: paths.rootfs,
      rootMount: prepared.rootMount,
      hostname,
      user: resolveUser(config.User ?? '', hostConfig.GroupAdd ?? [], prepared.accounts),
      sources: {
        hostname: paths.hostname,
        hosts: paths.hosts,
        resolvConf: paths.resolvConf,
        init: initProgram(context, record),
        sharedShm: await openSharedMemory(context, record),
      },
      namespaces: {
        network: sandbox.netnsPath,
        pid: joinedNamespace(context, hostConfig.PidMode, 'pid'),
        ipc: joinedNamespace(context, hostConfig.IpcMode, 'ipc'),
        user: sandbox.userNamespacePath,
      },
    },
    context.facts,
  );
}

async function launch(context: ContainerContext, container: Container): Promise<void> {
  const { record } = container;
  const { config } = record;
  await container.shipping?.stop();
  checkJoinedNetwork(context, record);
  checkLinks(context, record);
  refuseDeviceRequests(record.hostConfig);
  checkSysctls(record.hostConfig);
  await using connected = new AsyncDisposableStack();
  const logSink = await connectLog(record);
  connected.use(logSink ?? null);
  const preparing = prepare(context, record);
  await using subpaths = new AsyncDisposableStack();
  const spec = preparing.then(async (prepared) => {
    const { mounts } = subpaths.use(await mountParts(context.host, context.dataRoot, record.mounts));
    return await makeSpec(context, record, { ...prepared, mounts });
  });
  spec.catch(() => {}); // the runtime hands the error on, unless it has one of its own before
  const log = path.join(containerPaths(context.dataRoot, record.id).logs, CURRENT_LOG);
  container.run = createRun();
  const process = await context.runtime.create({
    id: record.id,
    spec,
    terminal: config.Tty ?? false,
    stdin: config.OpenStdin ?? false,
    leaveStdinOpen: !(config.StdinOnce ?? false) || (config.Tty ?? false),
    logFile: log,
  });
  connected.move();
  startLogShipping(context, container, logSink);
  announce(container, 'begun');
  publishVolumes(context, record, 'mount');
  const state = { ...record.state, status: 'running' as const, process, exitCode: 0, error: '', oomKilled: false };
  // Known before it runs: an engine that dies here finds the container again.
  const { sandbox } = await preparing;
  context.store.save(container, {
    network: sandbox.settings,
    state: { ...state, startedAt: instant(), manuallyStopped: false },
  });
  if (sandbox.userNamespacePath !== undefined) {
    await ownStreams(process.pid, context.host.ids.toHost((await spec).process.user));
  }
  await context.runtime.start(record.id, process);
}

async function failStart(context: ContainerContext, container: Container, error: unknown): Promise<void> {
  container.run = undefined;
  await container.shipping?.stop();
  await releaseRun(context, container.id);
  const { process: _process, ...state } = container.record.state;
  const status = state.finishedAt === '0001-01-01T00:00:00Z' ? 'created' : 'exited';
  const message = messageOf(error);
  const exitCode = failedStartCode(error);
  context.store.save(container, { state: { ...state, status, exitCode, error: message } });
  announce(container, 'ended');
  tellWaiters(container, ['not-running', 'next-exit'], exitCode);
  if (container.record.hostConfig.AutoRemove && !container.beingRemoved) {
    await removeLocked(context, container, { volumes: true }).catch((cause: unknown) => {
      context.warn(`removing container ${container.id}`, cause);
    });
  }
}

/** Starts the container; the caller holds its lock and has checked that it may be started. */
export async function startLocked(context: ContainerContext, container: Container): Promise<void> {
  if (container.beingRemoved) checkVerb('start', 'removing', container.id);
  container.cancelRestart?.();
  try {
    await launch(context, container);
  } catch (error) {
    await failStart(context, container, error);
    throw error;
  }
  await tellLinking(context, container).catch((error: unknown) => context.warn(`links to ${container.id}`, error));
  publish(context, container, 'start');
  watchForOom(context, container);
  startHealthMonitor(context, container);
}

export async function startContainer(context: ContainerContext, reference: string): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    checkVerb('start', container.record.state.status, container.id);
    container.restartDelay = 0;
    context.store.save(container, { restartCount: 0 });
    await startLocked(context, container);
  });
}
