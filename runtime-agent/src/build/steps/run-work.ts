/** RUN: one container, run to its end over the stage's root file system. */
import { randomBytes } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import { type ContainerMount, instant } from '../../containers/record.ts';
import { containerSpec } from '../../containers/spec/spec.ts';
import { resolveUser } from '../../containers/spec/user.ts';
import { checkUserNamespace } from '../../containers/user-namespace.ts';
import { readAccounts } from '../../containers/accounts.ts';
import type { Snapshot } from '../../snapshots/snapshots.ts';
import type { MountedRoot } from '../mounted-root.ts';
import { SCRIPTS_FOLDER } from '../plan/plan-run.ts';
import type { PlannedStage, RunWork } from '../plan/work.ts';
import type { BuildRun } from './build-run.ts';
import { watchMountPoints } from './mount-points.ts';
import type { NetworkLease } from './network-leases.ts';
import { prepareMounts } from './run-mounts.ts';
import { failure } from '../failure-cause.ts';
import { CONTAINER_MARKS, makeContainerMarks } from './container-marks.ts';
import { stepFailure } from './step-failure.ts';
import { chainIdsOf, type StageResult } from './stage-result.ts';

const ETC_FILES = ['/etc/hosts', '/etc/resolv.conf'];
const RUNTIME_WORDS = 'runc run failed: ';

export interface RunScope {
  readonly run: BuildRun;
  readonly stage: PlannedStage;
  readonly parent: StageResult;
  readonly stageResult: (index: number) => StageResult;
  /** Tells the id of the step's container. */
  readonly started: (containerId: string) => void;
  readonly output: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
  readonly signal: AbortSignal;
}

/** Gives the layer of what the command changed. Throws stepFailure when it ends with another code than 0. */
export async function doRun(work: RunWork, scope: RunScope): Promise<Snapshot> {
  const { run, parent, signal, output } = scope;
  if (work.insecure && !run.allowInsecure) {
    const advice = 'build with: slipway build --allow security.insecure';
    throw new EngineError('forbidden', `RUN --security=insecure is not allowed (${advice})`);
  }
  refuseHostNamespaces(work, run);
  await using stack = new AsyncDisposableStack();
  const network = networkMode(work, run.networkMode);
  const id = randomBytes(32).toString('hex');
  const [root, lease, scratch] = await settled([
    run.mounts.open(chainIdsOf(parent)).then((mounted) => stack.use(mounted)),
    run.networks.take(network, run.asClassic ? ownName(network, id) : undefined).then((taken) => stack.use(taken)),
    run.mounts.scratch().then((folder) => stack.use(folder)),
  ]);
  const { mounts, variables } = await prepareMounts(work.mounts, { ...scope, stack });
  if (work.script !== undefined) mounts.push(await scriptMount(work.script.name, work.script.content, scratch.path));
  const files = scratch.path;
  const spec = await specOf(work, { id, run, root, lease, mounts, variables, network, files }).catch(
    (error: unknown) => {
      throw unstarted(work, error);
    },
  );
  // As with BuildKit /dev, /proc and /sys stay in the layer of a base that has none.
  const points = watchMountPoints(
    root.path,
    [...ETC_FILES, ...(run.asClassic ? ['/etc/hostname', ...CONTAINER_MARKS] : [])],
    mounts.map(({ destination }) => destination),
  );
  if (run.asClassic) makeContainerMarks(root.path, run.host.ids);
  scope.started(id);
  const startedAt = instant();
  const layerOf = (): Promise<Snapshot> => {
    points.removeMade();
    return root.commit(() => points.tidyUpper(root.upper));
  };
  const keep = (exitCode: number, layer: Snapshot): Promise<void> =>
    keepContainer(work, scope, { id, network, startedAt, exitCode, layer });
  const runtimeWords = holdBack(output);
  const code = await run.runner.run({ id, spec, output: runtimeWords.output, signal }).catch(async (error: unknown) => {
    if (run.keepContainers !== undefined && !signal.aborted) await keep(COMMAND_NOT_FOUND, await layerOf());
    throw unstarted(work, error);
  });
  runtimeWords.release();
  if (code !== 0) {
    if (run.keepContainers !== undefined) await keep(code, await layerOf());
    throw stepFailure(work.argv, code);
  }
  const layer = await layerOf();
  if (run.keepContainers === 'all') await keep(0, layer);
  return layer;
}

/** As a shell has it, and dockerd. */
const COMMAND_NOT_FOUND = 127;

interface Ended {
  readonly id: string;
  readonly network: string;
  readonly startedAt: string;
  readonly exitCode: number;
  readonly layer: Snapshot;
}

function keepContainer(
  { argv, env, workdir, user }: RunWork,
  { run, stage, parent }: RunScope,
  { id, network, startedAt, exitCode, layer }: Ended,
): Promise<void> {
  const layers = [...parent.layers, layer];
  return run.keep(stage, {
    id,
    chainIds: chainIdsOf({ layers }),
    diffIds: layers.map(({ diffId }) => diffId),
    config: { Cmd: [...argv], Env: [...env], WorkingDir: workdir, User: user },
    hostConfig: { ...run.hostConfig, NetworkMode: network },
    startedAt,
    exitCode,
  });
}

/** The error of a command that could not be started, with what it was. */
function unstarted({ argv }: RunWork, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const words = /unable to start container process: [^]*/.exec(error.message)?.[0];
  return failure(error.code, error.message, { unstarted: { argv, ...(words === undefined ? {} : { words }) } });
}

/**
 * When the runtime cannot start the command it says so on the command's stderr too. It is the error then, and not said
 * twice; if the command itself wrote it, it comes out when the command has ended.
 */
function holdBack(output: RunScope['output']) {
  const held: Buffer[] = [];
  return {
    output: (stream: 'stdout' | 'stderr', chunk: Buffer): void => {
      if (stream === 'stderr' && chunk.subarray(0, RUNTIME_WORDS.length).toString() === RUNTIME_WORDS) held.push(chunk);
      else output(stream, chunk);
    },
    release: () => held.forEach((chunk) => output('stderr', chunk)),
  };
}

/** All of them, or the first error once all have ended: nothing is opened behind the back of a failed step. */
async function settled<A, B, C>(work: readonly [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  const results = await Promise.allSettled(work);
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return Promise.all(work);
}

/** The same words as for containers. */
function refuseHostNamespaces(work: RunWork, run: BuildRun): void {
  const host = { NetworkMode: networkMode(work, run.networkMode), ...(work.insecure ? { Privileged: true } : {}) };
  checkUserNamespace(run.host.ids, host);
}

function networkMode(work: RunWork, ofBuild: string): string {
  return work.network === 'default' ? ofBuild : work.network;
}

async function scriptMount(name: string, content: string, folder: string): Promise<ContainerMount> {
  const file = path.join(folder, 'script');
  await writeFile(file, content);
  await chmod(file, 0o755);
  return {
    type: 'bind',
    source: file,
    destination: `${SCRIPTS_FOLDER}/${name}`,
    mode: '',
    rw: false,
    propagation: 'rprivate',
  };
}

/** As containers have it. */
function ownName(network: string, id: string): string {
  return network === 'host' ? hostname() : id.slice(0, 12);
}

/** Where the first ssh mount's agent is, or would be if it had been given. */
function agentVariable({ mounts }: RunWork): string[] {
  const first = mounts.find(({ type }) => type === 'ssh');
  return first === undefined ? [] : [`SSH_AUTH_SOCK=${first.target}`];
}

interface SpecScope {
  readonly id: string;
  readonly run: BuildRun;
  readonly root: MountedRoot;
  readonly lease: NetworkLease;
  readonly mounts: readonly ContainerMount[];
  readonly variables: readonly string[];
  readonly network: string;
  /** Folder for the files that are mounted over those in /etc. */
  readonly files: string;
}

async function specOf(work: RunWork, { id, run, root, lease, mounts, variables, network, files }: SpecScope) {
  const names = { hostname: 'hostname', hosts: 'hosts', resolvConf: 'resolv.conf' };
  const at = (name: string): string => path.join(files, name);
  const { sandbox, hostname: name, hosts } = lease;
  const { asClassic } = run;
  const [accounts] = await Promise.all([
    readAccounts(root.path),
    ...(asClassic ? [writeFile(at(names.hostname), `${name}\n`)] : []),
    writeFile(at(names.hosts), hosts),
    writeFile(at(names.resolvConf), sandbox.resolvConf),
  ]);
  return containerSpec(
    {
      id,
      config: {
        // With BuildKit the name is not in the environment.
        Env: [...(asClassic ? [] : ['HOSTNAME']), ...work.proxies, ...work.env, ...agentVariable(work), ...variables],
        Cmd: [...work.argv],
        WorkingDir: work.workdir,
      },
      host: { ...run.hostConfig, NetworkMode: network, ...(work.insecure ? { Privileged: true } : {}) },
      mounts,
      rootfs: root.path,
      hostname: name,
      user: resolveUser(work.user, [], accounts),
      sources: {
        hostname: asClassic ? at(names.hostname) : undefined,
        readOnly: !asClassic,
        hosts: at(names.hosts),
        resolvConf: at(names.resolvConf),
        init: undefined,
        sharedShm: undefined,
      },
      namespaces: { network: sandbox.netnsPath, pid: undefined, ipc: undefined, user: sandbox.userNamespacePath },
    },
    run.facts,
  );
}
