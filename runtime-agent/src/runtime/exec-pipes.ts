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
import { type ConmonOptions, RUNTIME_ENV, reports } from './conmon.ts';
import { runtimeFailure } from './failure.ts';

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
  const { host, program, ociRuntime, ociRoot } = options;
  const args = [
    '--api-version=1',
    `--cid=${request.id}`,
    `--cuuid=${path.basename(request.directory)}`,
    `--runtime=${ociRuntime}`,
    `--runtime-arg=--root=${ociRoot}`,
    `--bundle=${request.directory}`,
    `--container-pidfile=${path.join(request.directory, 'pid')}`,
    '--log-path=passthrough:',
    `--exit-dir=${request.directory}`,
    '--sync',
    '--exec',
    `--exec-process-spec=${request.processFile}`,
  ];
  const child = host.spawn(program, args, {
    ...streams(request),
    extra: ['pipe'],
    env: { ...RUNTIME_ENV, _OCI_SYNCPIPE: '3' },
    detached: true,
    cwd: request.directory,
  });
  const said = reports(child.extra[0] as Readable);
  const first = said.next().then((next) => (next.done || next.value.data <= 0 ? undefined : next.value.data));
  const last = async (): Promise<number> => {
    await first;
    const next = await said.next();
    return next.done ? LOST : next.value.data;
  };
  return pipesOf(host, child, first, last());
}

/** For a conmon that is too old: the runtime's own `exec`. */
export function execThroughRuntime({ host, ociRuntime, ociRoot }: ConmonOptions, request: PipedExec): ExecPipes {
  const pidFile = path.join(request.directory, 'pid');
  const args = [`--root=${ociRoot}`, 'exec', '--process', request.processFile, '--pid-file', pidFile, request.id];
  const child = host.spawn(ociRuntime, args, { ...streams(request), env: RUNTIME_ENV });
  return pipesOf(host, child, namedPid(pidFile, child), child.exited);
}

const streams = ({ stdin, stdout }: WantedPipes) =>
  ({ stdin: stdin ? 'pipe' : 'ignore', stdout: stdout ? 'pipe' : 'ignore', stderr: 'pipe' }) as const;

/** @param first the pid once the process runs; undefined when it could not be started */
function pipesOf(host: Host, child: HostProcess, first: Promise<number | undefined>, last: Promise<number>): ExecPipes {
  // Held from the first byte on: Node throws away what nobody reads when a process ends.
  const stderr = child.stderr?.pipe(new PassThrough()) ?? new PassThrough().end();
  const stdout = child.stdout?.pipe(new PassThrough()) ?? null;
  const begin = async (): Promise<number> => {
    const pid = await first;
    if (pid !== undefined) return pid;
    const complaint = await collect(stderr, COMPLAINT_LIMIT);
    await child.exited;
    throw runtimeFailure('exec', complaint.toString());
  };
  const started = begin();
  const exited = started.then(() => last);
  for (const outcome of [started, exited, last]) outcome.catch(() => {}); // whoever awaits it sees the error
  const kill = (): void => void started.then((pid) => host.kill(pid, SIGKILL)).catch(() => {});
  // conmon's runtime dies with it (PR_SET_PDEATHSIG).
  const abandon = (): void => child.kill('SIGKILL');
  return { stdin: child.stdin, stdout, stderr, started, exited, kill, abandon };
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
