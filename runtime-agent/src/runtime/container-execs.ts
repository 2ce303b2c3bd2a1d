/** Processes that are started in running containers: through pipes, or on a terminal that conmon holds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { OciProcess } from '#model/oci/runtime-spec.ts';
import type { Host } from '../host/host.ts';
import { type ConmonExecuted, type ConmonOptions, conmonExec } from './conmon.ts';
import {
  type ExecPipes,
  execThroughConmon,
  execThroughRuntime,
  handsOnStreams,
  type WantedPipes,
} from './exec-pipes.ts';
import type { Fifos } from './fifos.ts';
import { createReadyExecs } from './ready-execs.ts';
import { isAlive, type RunningProcess } from './running-process.ts';

/** An OCI `process`. */
type LimitedProcess = Pick<OciProcess, 'rlimits'>;

export interface ExecRequest {
  readonly id: string;
  /** The container's first process, in whose namespaces the new one is to run. */
  readonly container: RunningProcess | undefined;
  readonly execId: string;
  readonly process: LimitedProcess;
}

export interface ContainerExecs {
  /** A process with such pipes will be started in the container at once: its runtime gets ready. Cannot fail. */
  expectExec(id: string, wanted: WantedPipes, process: LimitedProcess): void;
  /** Starts a process with the caller's pipes. */
  exec(request: ExecRequest, wanted: WantedPipes): ExecPipes;
  /** Starts a process on a pty that conmon holds; its output is in the log directory of `execDirectory`. */
  execTerminal(request: ExecRequest, stdin: boolean): Promise<ConmonExecuted>;
  /** Where an exec's files are: conmon's sockets, `log/current`. */
  execDirectory(execId: string): string;
  removeExec(execId: string): Promise<void>;
}

export interface ContainerExecsDeps {
  readonly host: Host;
  readonly conmon: ConmonOptions;
  readonly fifos: Pick<Fifos, 'takeBack'>;
  /** For processes that the OCI runtime is told of once it waits for them. */
  readonly specFifos: Pick<Fifos, 'place'>;
  /** For the files of each exec. */
  readonly folder: string;
}

/**
 * `runc exec` (1.1) sets the limits of its child while that is starting, and a Go program that starts raises its soft limit of
 * open files to the hard one: what comes later counts. As long as runc has to wait for the kernel in between, the right one does.
 */
function limitsFiles({ rlimits = [] }: LimitedProcess): boolean {
  return rlimits.some(({ type, soft, hard }) => type === 'RLIMIT_NOFILE' && soft !== hard);
}

/** `drop` when a container's run is over: what waits for it knows only that one. */
export function createContainerExecs(
  deps: ContainerExecsDeps,
): ContainerExecs & Disposable & { drop(id: string): void } {
  const { host, conmon, fifos, specFifos, folder } = deps;
  let launch = execThroughRuntime;
  handsOnStreams(host, conmon.program).then(
    (able) => (launch = able ? execThroughConmon : execThroughRuntime),
    () => {}, // whoever needs conmon is told
  );
  const ready = createReadyExecs({ fifos: specFifos, folder, launch: (exec) => launch(conmon, exec) });
  /** Where running execs have their files. */
  const folders = new Map<string, string>();
  const execDirectory = (execId: string): string => path.join(folder, `exec-${execId}`);
  const hurry = (process: LimitedProcess): void => {
    if (!limitsFiles(process)) host.expectCgroupMove();
  };
  const writeProcess = ({ execId, process }: ExecRequest): string => {
    mkdirSync(execDirectory(execId), { recursive: true, mode: 0o700 });
    const file = path.join(execDirectory(execId), 'process.json');
    writeFileSync(file, JSON.stringify(process), { mode: 0o600 });
    return file;
  };
  return {
    execDirectory,
    expectExec(id, wanted, process) {
      hurry(process);
      ready.expect(id, wanted);
    },
    exec(request, wanted) {
      hurry(request.process);
      const { id, execId, container } = request;
      // What waits has been told of a run of the container: not of another one that took its place.
      if (container === undefined || !isAlive(container)) ready.drop(id);
      const waiting = ready.take(id, request.process, wanted);
      const directory = waiting?.directory ?? execDirectory(execId);
      const pipes = waiting?.pipes ?? launch(conmon, { id, directory, processFile: writeProcess(request), ...wanted });
      folders.set(execId, directory);
      ready.began(id, wanted);
      return pipes;
    },
    async execTerminal(request, stdin) {
      hurry(request.process);
      const { id, execId } = request;
      const processFile = writeProcess(request);
      const directory = execDirectory(execId);
      const logFile = path.join(directory, 'log', 'current');
      mkdirSync(path.dirname(logFile), { mode: 0o700 });
      const how = { terminal: true, stdin, leaveStdinOpen: true, logFile };
      return await conmonExec(conmon, { id, execId, directory, processFile, ...how });
    },
    async removeExec(execId) {
      const directory = folders.get(execId) ?? execDirectory(execId);
      folders.delete(execId);
      fifos.takeBack(path.join(directory, 'process.json'));
      await rm(directory, { recursive: true, force: true });
    },
    drop: (id) => ready.drop(id),
    [Symbol.dispose]: () => ready[Symbol.dispose](),
  };
}
