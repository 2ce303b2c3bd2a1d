/** Runs OCI bundles as containers that outlive the engine: conmon and an OCI runtime behind one interface. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import { findProgram } from '../host/tools.ts';
import { type ConmonExec, type ConmonExecuted, type ConmonOptions, conmonCreate, conmonExec } from './conmon.ts';
import { createWithSpec } from './create-with-spec.ts';
import {
  type ExecPipes,
  execThroughConmon,
  execThroughRuntime,
  handsOnStreams,
  type WantedPipes,
} from './exec-pipes.ts';
import { releaseReader } from './feed-fifo.ts';
import { createFifos, withoutPlacing } from './fifos.ts';
import { createReadyExecs } from './ready-execs.ts';
import { createOciRuntime } from './oci-runtime.ts';
import { removeEndedState } from './remove-state.ts';
import { mayWaitForStart, openStartFifo } from './start-fifo.ts';
import { handlesSignal } from './handles-signal.ts';
import { killOrphans } from './orphans.ts';
import { runtimePaths } from './paths.ts';

export interface RunningProcess {
  /** Of the container's first process, on the host. */
  readonly pid: number;
  /** When that process was born, in clock ticks since boot: tells it from another with the same pid. */
  readonly born: string;
}

export interface CreateRequest {
  readonly id: string;
  /** The OCI runtime spec, the bundle's config.json. conmon and the runtime are started while it is being made. */
  readonly spec: Promise<object>;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly leaveStdinOpen: boolean;
  readonly logFile: string;
}

export interface ExecRequest {
  readonly id: string;
  /** The container's first process, in whose namespaces the new one is to run. */
  readonly container: RunningProcess | undefined;
  readonly execId: string;
  /** An OCI `process`. */
  readonly process: object;
}

export interface Runtime extends Disposable {
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
  /** Starts a process with the caller's pipes. */
  exec(request: ExecRequest, wanted: WantedPipes): ExecPipes;
  /** Starts a process on a pty that conmon holds; its output is in the log directory of `execDirectory`. */
  execTerminal(request: ExecRequest, stdin: boolean): Promise<ConmonExecuted>;
  /** Where an exec's files are: conmon's sockets, `log/current`. */
  execDirectory(execId: string): string;
  removeExec(execId: string): Promise<void>;
  /** Removes what is there of containers and steps that are not among these; at start-up only. */
  sweep(live: ReadonlySet<string>): Promise<void>;
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

/** Field 22 of /proc/PID/stat (proc(5)); undefined when there is no such process. A zombie does not count. */
export function processBorn(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function requireProgram(name: string): string {
  const found = name.startsWith('/') ? name : findProgram(name);
  if (found !== undefined) return found;
  throw new EngineError('unavailable', `${name} is not installed on this host (see 'slipway doctor')`);
}

/** Kills the process whose pid the file holds, if there is one. */
function killNamed(host: Host, pidFile: string): void {
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').trim()) : 0;
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
  const execDirectory = (execId: string): string => path.join(paths.bundles, `exec-${execId}`);
  const born = (pid: number): RunningProcess => ({ pid, born: processBorn(pid) ?? '' });
  const alive = (process: RunningProcess): boolean => processBorn(process.pid) === process.born;
  let launchExec = execThroughRuntime;
  handsOnStreams(host, conmon.program).then(
    (able) => (launchExec = able ? execThroughConmon : execThroughRuntime),
    () => {}, // whoever needs conmon is told
  );
  const execs = createReadyExecs({
    fifos: specFifos,
    folder: paths.bundles,
    launch: (exec) => launchExec(conmon, exec),
  });
  /** Where running execs have their files. */
  const execFolders = new Map<string, string>();
  const writeProcess = (request: ExecRequest): string => {
    mkdirSync(execDirectory(request.execId), { recursive: true, mode: 0o700 });
    const file = path.join(execDirectory(request.execId), 'process.json');
    writeFileSync(file, JSON.stringify(request.process), { mode: 0o600 });
    return file;
  };
  return {
    exits: paths.exits,
    bundle,
    execDirectory,
    async create({ spec, ...request }) {
      const directory = bundle(request.id);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      rmSync(path.join(paths.exits, request.id), { force: true });
      try {
        const specFile = path.join(directory, 'config.json');
        const launch = (): Promise<number> => conmonCreate(conmon, { ...request, bundle: directory });
        return born(await createWithSpec({ fifos: specFifos, specFile, spec, launch }));
      } catch (error) {
        // conmon would wait for ever for a runtime that hangs; the runtime dies with it.
        killNamed(host, path.join(directory, 'conmon.pid'));
        await releaseReader(path.join(directory, 'config.json'));
        throw error;
      }
    },
    async start(id, process) {
      const started = await openStartFifo(host, path.join(paths.root, id), () => alive(process));
      if (!started) await oci.start(id);
    },
    async untilHandled({ pid }, signal, ms) {
      const deadline = Date.now() + ms;
      while (!handlesSignal(pid, signal) && Date.now() < deadline) await sleep(2);
    },
    async completeStart(id, process) {
      const state = path.join(paths.root, id);
      const alive = (): boolean => processBorn(process.pid) === process.born;
      if (mayWaitForStart(state)) await openStartFifo(host, state, alive, COMPLETE_START_MS);
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
    exec(request, wanted) {
      const { id, execId, container } = request;
      // What waits has been told of a run of the container: not of another one that took its place.
      if (container === undefined || !alive(container)) execs.drop(id);
      const ready = execs.take(id, request.process, wanted);
      const directory = ready?.directory ?? execDirectory(execId);
      const pipes =
        ready?.pipes ?? launchExec(conmon, { id, directory, processFile: writeProcess(request), ...wanted });
      execFolders.set(execId, directory);
      execs.began(id, wanted);
      return pipes;
    },
    async execTerminal(request, stdin) {
      const processFile = writeProcess(request);
      const directory = execDirectory(request.execId);
      const logFile = path.join(directory, 'log', 'current');
      mkdirSync(path.dirname(logFile), { mode: 0o700 });
      const exec: ConmonExec = {
        id: request.id,
        execId: request.execId,
        directory,
        processFile,
        terminal: true,
        stdin,
        leaveStdinOpen: true,
        logFile,
      };
      return await conmonExec(conmon, exec);
    },
    async removeExec(execId) {
      const folder = execFolders.get(execId) ?? execDirectory(execId);
      execFolders.delete(execId);
      fifos.takeBack(path.join(folder, 'process.json'));
      await rm(folder, { recursive: true, force: true });
    },
    async sweep(live) {
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
        for (const file of ['config.json', 'process.json']) await releaseReader(path.join(paths.bundles, name, file));
        await rm(path.join(paths.bundles, name), { recursive: true, force: true });
      }
    },
    alive,
    [Symbol.dispose]: () => execs[Symbol.dispose](),
  };
}
