/**
 * A process in a running container with the caller's own pipes. conmon only starts it, as its reaper, and tells how it
 * ended (`passthrough`, conmon 2.0.31): `runc exec` alone would not tell before everything that the process left running
 * had closed its output.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostProcess } from '../host/host.ts';
import { type ConmonOptions, RUNTIME_ENV, reports, startConmon } from './conmon.ts';
import { runtimeFailure } from './failure.ts';
import { readFifo, writeFifo } from '../host/fifo-streams.ts';

/** Which streams are pipes: others are /dev/null. stderr always is one: the runtime's complaints arrive there. */
export interface WantedPipes {
  readonly stdin: boolean;
  readonly stdout: boolean;
}

export interface PipedExec extends WantedPipes {
  readonly id: string;
  /** For pid files and conmon's exit file. */
  readonly directory: string;
  /** File with the OCI process to run. */
  readonly processFile: string;
}

export interface ExecPipes {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable;
  /** The host's pid of the process; rejects in the runtime's words when it cannot be started. */
  readonly started: Promise<number>;
  /** The exit code. What the process left running may still hold the pipes. */
  readonly exited: Promise<number>;
  /** Kills the process, also one that is only being started. */
  kill(): void;
  /** Ends the runtime that has not started the process yet. */
  abandon(): void;
}

const COMPLAINT_LIMIT = 64 * 1024;
const PID_POLL_MS = 5;
const SIGKILL = 9;
const LOST = 255;

/** Whether this conmon can hand its own streams on. */
export async function handsOnStreams(host: Host, program: string): Promise<boolean> {
  const { stdout } = await host.run(program, ['--version'], { env: RUNTIME_ENV, onFailure: 'return' });
  const [, major = 0, minor = 0, patch = 0] = (/version (\d+)\.(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  return major > 2 || (major === 2 && (minor > 0 || patch >= 31));
}

export function execThroughConmon(options: ConmonOptions, request: PipedExec): ExecPipes {
  const { directory } = request;
  const args = [
    '--api-version=1',
    `--cid=${request.id}`,
    `--cuuid=${path.basename(directory)}`,
    `--runtime=${options.ociRuntime}`,
    `--runtime-arg=--root=${options.ociRoot}`,
    `--bundle=${directory}`,
    `--container-pidfile=${path.join(directory, 'pid')}`,
    '--log-path=passthrough:',
    `--exit-dir=${directory}`,
    '--sync',
    '--exec',
    `--exec-process-spec=${request.processFile}`,
  ];
  const stdin = request.stdin ? new PassThrough() : null;
  const stdout = request.stdout ? new PassThrough() : null;
  const stderr = new PassThrough();
  const opened = launchWithFifos(options, args, { directory, stdin, stdout, stderr });
  opened.catch((error: Error) => {
    for (const stream of [stdin, stdout, stderr]) stream?.destroy(error);
  });
  const said = opened.then(({ report }) => reports(report));
  const next = async (): Promise<number | undefined> => {
    const { done, value } = await (await said).next();
    return done ? undefined : value.data;
  };
  const first = next().then((pid) => (pid !== undefined && pid > 0 ? pid : undefined));
  const last = first.then(next).then((code) => code ?? LOST);
  let over = false;
  const end = (): void => {
    over = true;
    stdin?.destroy();
  };
  last.then(end, end);
  return pipesOf(options.host, {
    stdin,
    stdout,
    stderr,
    first,
    last,
    // conmon's runtime dies with it (PR_SET_PDEATHSIG).
    abandon: () => void opened.then(({ pid }) => over || options.host.kill(pid, SIGKILL)).catch(() => {}),
  });
}

interface Streams {
  readonly directory: string;
  readonly stdin: Readable | null;
  readonly stdout: Writable | null;
  readonly stderr: Writable;
}

/** The process gets pipes, not Node's sockets: it may open /dev/stdout and its like again. */
async function launchWithFifos(
  options: ConmonOptions,
  args: readonly string[],
  { directory, stdin, stdout, stderr }: Streams,
): Promise<{ readonly pid: number; readonly report: Readable }> {
  const at = (name: string): string => path.join(directory, name);
  const files = {
    stderr: at('stderr'),
    ...(stdin === null ? {} : { stdin: at('stdin') }),
    ...(stdout === null ? {} : { stdout: at('stdout') }),
  };
  for (const file of Object.values(files)) await options.fifos.placeSoon(file);
  const outputs = [readFifo(files.stderr), ...(stdout === null ? [] : [readFifo(at('stdout'))])];
  const input = stdin === null ? undefined : writeFifo(at('stdin'));
  for (const [i, output] of [stderr, stdout].entries()) if (output !== null) outputs[i]?.pipe(output);
  if (input !== undefined) stdin?.pipe(input.stream);
  stdin?.on('close', () => input?.stream.end());
  try {
    return await startConmon(options, args, directory, { ...files, cwd: directory });
  } catch (error) {
    for (const stream of [...outputs, input?.stream]) stream?.destroy();
    throw error;
  } finally {
    input?.connected();
  }
}

/** For a conmon that is too old: the runtime's own `exec`. */
export function execThroughRuntime({ host, ociRuntime, ociRoot }: ConmonOptions, request: PipedExec): ExecPipes {
  const pidFile = path.join(request.directory, 'pid');
  const args = [`--root=${ociRoot}`, 'exec', '--process', request.processFile, '--pid-file', pidFile, request.id];
  const child = host.spawn(ociRuntime, args, {
    stdin: request.stdin ? 'pipe' : 'ignore',
    stdout: request.stdout ? 'pipe' : 'ignore',
    env: RUNTIME_ENV,
  });
  return pipesOf(host, {
    stdin: child.stdin,
    // Held from the first byte on: Node throws away what nobody reads when a process ends.
    stdout: child.stdout?.pipe(new PassThrough()) ?? null,
    stderr: child.stderr?.pipe(new PassThrough()) ?? new PassThrough().end(),
    first: namedPid(pidFile, child),
    last: child.exited,
    abandon: () => child.kill('SIGKILL'),
  });
}

interface Parts extends Pick<ExecPipes, 'stdin' | 'stdout' | 'stderr' | 'abandon'> {
  /** The pid once the process runs; undefined when it could not be started. */
  readonly first: Promise<number | undefined>;
  /** The exit code: whoever started the process has ended. */
  readonly last: Promise<number>;
}

function pipesOf(host: Host, { stdin, stdout, stderr, first, last, abandon }: Parts): ExecPipes {
  const begin = async (): Promise<number> => {
    const pid = await first;
    if (pid !== undefined) return pid;
    const complaint = await collect(stderr, COMPLAINT_LIMIT);
    await last;
    throw runtimeFailure('exec', complaint.toString());
  };
  const started = begin();
  const exited = started.then(() => last);
  for (const outcome of [started, exited, last]) outcome.catch(() => {}); // whoever awaits it sees the error
  const kill = (): void => void started.then((pid) => host.kill(pid, SIGKILL)).catch(() => {});
  return { stdin, stdout, stderr, started, exited, kill, abandon };
}

async function namedPid(pidFile: string, child: HostProcess): Promise<number | undefined> {
  const over = new AbortController();
  const end = (): void => over.abort();
  child.exited.then(end, end);
  while (!existsSync(pidFile)) {
    if (over.signal.aborted) return undefined;
    await sleep(PID_POLL_MS, undefined, { signal: over.signal }).catch(() => {});
  }
  return Number(readFileSync(pidFile, 'utf8').trim()) || undefined;
}

async function collect(source: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (size < limit) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}
