/**
 * Starts containers under conmon, the shim that owns a container's stdio, writes its log, and reports its exit code into
 * a directory: it lives on when the engine does not. See conmon(8).
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host, LaunchOptions } from '../host/host.ts';
import { runtimeFailure } from './failure.ts';
import { readFifo } from '../host/fifo-streams.ts';
import type { Fifos } from './fifos.ts';

export interface ConmonOptions {
  readonly host: Host;
  readonly fifos: Fifos;
  readonly program: string;
  /** Absolute path of the OCI runtime. */
  readonly ociRuntime: string;
  /** State directory of the OCI runtime. */
  readonly ociRoot: string;
  readonly exits: string;
  /** How long the runtime may take to start a process, in milliseconds. */
  readonly patienceMs: number;
}

export interface ConmonCreate {
  readonly id: string;
  readonly bundle: string;
  readonly terminal: boolean;
  /** Gives the process a stdin that the attach socket feeds; otherwise it reads /dev/null. */
  readonly stdin: boolean;
  /** Stdin stays open when the client that fed it goes away. */
  readonly leaveStdinOpen: boolean;
  readonly logFile: string;
}

export interface ConmonExec extends Omit<ConmonCreate, 'bundle'> {
  /** Name of this exec; its exit file, sockets and pid files carry it. */
  readonly execId: string;
  /** Directory for sockets and pid files. */
  readonly directory: string;
  /** File with the OCI process to run. */
  readonly processFile: string;
}

const TOO_LONG =
  'the OCI runtime has not started the process in time: is a file in its /etc a FIFO, or the disk stuck?';

/** Host processes get a plain environment; UTC keeps the time stamps of the log at one width. */
export const RUNTIME_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  TZ: 'UTC',
  LC_ALL: 'C',
};

export interface Report {
  /** pid of the process, or negative; of an exec later its exit code. */
  readonly data: number;
  readonly message?: string;
}

/** conmon's reports, one JSON object a line. */
export async function* reports(pipe: Readable): AsyncGenerator<Report> {
  let text = '';
  for await (const chunk of pipe) {
    text += String(chunk);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      yield JSON.parse(text.slice(0, end)) as Report;
      text = text.slice(end + 1);
    }
  }
}

function commonArgs(options: ConmonOptions, request: Omit<ConmonCreate, 'bundle'>, directory: string): string[] {
  return [
    '--api-version=1',
    `--cid=${request.id}`,
    `--runtime=${options.ociRuntime}`,
    `--runtime-arg=--root=${options.ociRoot}`,
    `--bundle=${directory}`,
    '--full-attach',
    `--container-pidfile=${path.join(directory, 'pid')}`,
    `--conmon-pidfile=${path.join(directory, 'conmon.pid')}`,
    `--log-path=k8s-file:${request.logFile}`,
    `--exit-dir=${options.exits}`,
    '--no-sync-log',
    ...(request.terminal ? ['--terminal'] : []),
    ...(request.stdin ? ['--stdin'] : []),
    ...(request.leaveStdinOpen ? ['--leave-stdin-open'] : []),
  ];
}

interface Launched {
  readonly pid: number;
  readonly reports: AsyncGenerator<Report>;
}

/** @returns conmon's pid, and what it reports, which ends when it does */
export async function startConmon(
  { host, fifos, program }: ConmonOptions,
  args: readonly string[],
  directory: string,
  streams: Omit<LaunchOptions, 'report' | 'env'>,
): Promise<{ readonly pid: number; readonly report: Readable }> {
  const file = path.join(directory, 'report');
  await fifos.placeSoon(file);
  const report = readFifo(file);
  try {
    const env = { ...RUNTIME_ENV, _OCI_SYNCPIPE: '3' };
    return { pid: await host.launch(program, args, { ...streams, report: file, env }), report };
  } catch (error) {
    report.destroy();
    throw error;
  }
}

/** Runs conmon until it has reported the started process; throws the runtime's own words. */
async function launch(options: ConmonOptions, args: readonly string[], to: LaunchTo): Promise<Launched> {
  const stderr = path.join(to.directory, 'complaint');
  // It leaves a file named `oom` where it stands, and must not stand in the way of whoever started the engine.
  const streams = { stderr, cwd: path.dirname(options.exits) };
  const { report: pipe } = await startConmon(options, args, to.directory, streams);
  const said = reports(pipe);
  // The runtime reads files of the container, which can be made to hang it.
  const timer = setTimeout(() => pipe.destroy(new EngineError('internal', TOO_LONG)), options.patienceMs);
  const first = await said.next().finally(() => clearTimeout(timer));
  // A conmon that cannot start at all ends without a report.
  const { data = 0, message } = first.done ? {} : first.value;
  if (data > 0) return { pid: data, reports: said };
  await said.return(undefined);
  const complaint = message ?? (await readFile(stderr, 'utf8').catch(() => ''));
  throw runtimeFailure(to.action, complaint || 'conmon ended without a report');
}

interface LaunchTo {
  readonly action: 'create' | 'exec';
  /** For conmon's report and complaints. */
  readonly directory: string;
}

/** @returns the pid of the container's first process, which waits to be started */
export async function conmonCreate(options: ConmonOptions, request: ConmonCreate): Promise<number> {
  const args = [...commonArgs(options, request, request.bundle), `--cuuid=${request.id}`];
  const { pid, reports: said } = await launch(options, args, { action: 'create', directory: request.bundle });
  await said.return(undefined);
  return pid;
}

export interface ConmonExecuted {
  readonly pid: number;
  /** 255 when conmon ended without telling. */
  readonly exited: Promise<number>;
}

/** Starts a process in a running container, on a pty or pipes that conmon holds. */
export async function conmonExec(options: ConmonOptions, request: ConmonExec): Promise<ConmonExecuted> {
  // In the container's place for exits the end of an exec would be taken for the container's own.
  const own = { ...options, exits: request.directory };
  const args = [
    ...commonArgs(own, request, request.directory),
    `--cuuid=${request.execId}`,
    '--exec',
    `--exec-process-spec=${request.processFile}`,
  ];
  const { pid, reports: said } = await launch(own, args, { action: 'exec', directory: request.directory });
  const exited = said.next().then((next) => (next.done ? 255 : next.value.data));
  exited.catch(() => {});
  return { pid, exited };
}
