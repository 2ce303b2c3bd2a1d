/** Runs OCI bundles as containers that outlive the engine: conmon and an OCI runtime behind one interface. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { findProgram } from '../host/tools.ts';
import { type ConmonOptions, conmonCreate } from './conmon.ts';
import { type ContainerExecs, createContainerExecs } from './container-execs.ts';
import { createWithSpec } from './create-with-spec.ts';
import { releaseReader } from './feed-fifo.ts';
import { createFifos, withoutPlacing } from './fifos.ts';
import { createOciRuntime, type OciRuntime } from './oci-runtime.ts';
import { removeEndedState } from './remove-state.ts';
import { isAlive, processBorn, type RunningProcess } from './running-process.ts';
import { mayWaitForStart, openStartFifo } from './start-fifo.ts';
import { handlesSignal } from './handles-signal.ts';
import { killOrphans } from './orphans.ts';
import { type RuntimePaths, runtimePaths } from './paths.ts';

export interface CreateRequest {
  readonly id: string;
  /** The OCI runtime spec, the bundle's config.json. conmon and the runtime are started while it is being made. */
  readonly spec: Promise<object>;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly leaveStdinOpen: boolean;
  readonly logFile: string;
}

export interface Runtime extends ContainerExecs, Disposable {
  /** Directory with conmon's exit files. */
  readonly exits: string;
  /** conmon's directory for this container: attach socket, control FIFO. */
  bundle(id: string): string;
  /** Creates the container's processes; it runs once `start` is called. Throws EngineError with Docker's words. */
  create(request: CreateRequest): Promise<RunningProcess>;
  start(id: string, process: RunningProcess): Promise<void>;
  /** Waits, so long at most, until the started process is the container's own program and has a handler for the signal. */
  untilHandled(process: RunningProcess, signal: number, ms: number): Promise<void>;
  /** Completes a start that an engine may have been killed in the middle of. */
  completeStart(id: string, process: RunningProcess): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  update(id: string, resources: object): Promise<void>;
  /** Removes every trace of the container under the exec root, killing what still runs. */
  remove(id: string): Promise<void>;
  /** Removes what is there of containers and steps that are not among these; at start-up only. */
  sweep(live: ReadonlySet<string>): Promise<void>;
  /** What holds a container's streams and will tell of its end; undefined when it has not begun. */
  conmon(id: string): RunningProcess | undefined;
  /** Whether this very process still exists. */
  alive(process: RunningProcess): boolean;
}

export interface RuntimeOptions {
  readonly host: Host;
  readonly execRoot: string;
  /** Name or path of the OCI runtime; default runc. */
  readonly ociRuntime?: string;
  /** How long the OCI runtime may take to start a process. Default: two minutes. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 120_000;
/** A process that waits at its FIFO answers at once. */
const COMPLETE_START_MS = 3000;

function requireProgram(name: string): string {
  const found = name.startsWith('/') ? name : findProgram(name);
  if (found !== undefined) return found;
  throw new EngineError('unavailable', `${name} is not installed on this host (see 'slipway doctor')`);
}

/** 0 when there is no such file. */
function pidIn(file: string): number {
  return existsSync(file) ? Number(readFileSync(file, 'utf8').trim()) : 0;
}

/** Kills the process whose pid the file holds, if there is one. */
function killNamed(host: Host, pidFile: string): void {
  const pid = pidIn(pidFile);
  if (pid > 0) host.kill(pid, SIGKILL);
}

const SIGKILL = 9;

export function createRuntime({
  host,
  execRoot,
  ociRuntime = 'runc',
  patienceMs = PATIENCE_MS,
}: RuntimeOptions): Runtime {
  const paths = runtimePaths(execRoot);
  for (const directory of [paths.root, paths.exits, paths.bundles])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  const program = requireProgram(ociRuntime);
  const oci = createOciRuntime({ host, program, root: paths.root });
  const fifos = createFifos({ host, folder: path.join(execRoot, 'fifos') });
  // Other runtimes than runc may read their spec twice, which a FIFO does not allow.
  const specFifos = path.basename(program) === 'runc' ? fifos : withoutPlacing(fifos);
  const conmon: ConmonOptions = {
    host,
    fifos,
    program: requireProgram('conmon'),
    ociRuntime: program,
    ociRoot: paths.root,
    exits: paths.exits,
    patienceMs,
  };
  const bundle = (id: string): string => path.join(paths.bundles, id);
  const execs = createContainerExecs({ host, conmon, fifos, specFifos, folder: paths.bundles });
  return {
    ...execs,
    exits: paths.exits,
    bundle,
    async create({ spec, ...request }) {
      host.expectCgroupMove();
      const directory = bundle(request.id);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      rmSync(path.join(paths.exits, request.id), { force: true });
      try {
        const specFile = path.join(directory, 'config.json');
        const launch = (): Promise<number> => conmonCreate(conmon, { ...request, bundle: directory });
        const pid = await createWithSpec({ fifos: specFifos, specFile, spec, launch });
        return { pid, born: processBorn(pid) ?? '' };
      } catch (error) {
        // conmon would wait for ever for a runtime that hangs; the runtime dies with it.
        killNamed(host, path.join(directory, 'conmon.pid'));
        releaseReader(path.join(directory, 'config.json'));
        throw error;
      }
    },
    async start(id, process) {
      const started = await openStartFifo(host, path.join(paths.root, id), () => isAlive(process));
      if (!started) await oci.start(id);
    },
    async untilHandled({ pid }, signal, ms) {
      const deadline = Date.now() + ms;
      while (!handlesSignal(pid, signal) && Date.now() < deadline) await sleep(2);
    },
    async completeStart(id, process) {
      const state = path.join(paths.root, id);
      if (mayWaitForStart(state)) await openStartFifo(host, state, () => isAlive(process), COMPLETE_START_MS);
    },
    pause: (id) => oci.pause(id),
    resume: (id) => oci.resume(id),
    update: (id, resources) => oci.update(id, resources),
    async remove(id) {
      execs.drop(id);
      const state = path.join(paths.root, id);
      if (existsSync(state) && !(await removeEndedState(state, processBorn))) await oci.remove(id, true);
      fifos.takeBack(path.join(bundle(id), 'config.json'));
      await rm(bundle(id), { recursive: true, force: true });
    },
    conmon(id) {
      const pid = pidIn(path.join(bundle(id), 'conmon.pid'));
      return pid === 0 ? undefined : { pid, born: processBorn(pid) ?? '' };
    },
    sweep: (live) => sweep({ host, paths, oci }, live),
    alive: isAlive,
  };
}

interface SweepDeps {
  readonly host: Host;
  readonly paths: RuntimePaths;
  readonly oci: OciRuntime;
}

async function sweep({ host, paths, oci }: SweepDeps, live: ReadonlySet<string>): Promise<void> {
  await killOrphans(host, paths.bundles, live);
  for (const id of readdirSync(paths.root)) {
    if (live.has(id)) continue;
    await oci.remove(id, true);
    // A runtime that was killed before it wrote its state leaves a directory that it does not know itself.
    rmSync(path.join(paths.root, id), { recursive: true, force: true });
  }
  const dead = readdirSync(paths.bundles).filter((name) => !live.has(name));
  for (const name of dead) {
    // Runtimes of a killed engine that wait for what nobody will write.
    for (const file of ['config.json', 'process.json']) releaseReader(path.join(paths.bundles, name, file));
    await rm(path.join(paths.bundles, name), { recursive: true, force: true });
  }
}
