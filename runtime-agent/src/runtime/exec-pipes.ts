/**
 * A process in a running container with the caller's own pipes. conmon only starts it, as its reaper, and tells how it
 * ended (`passthrough`, conmon 2.0.31): `runc exec` alone would not tell before everything that the process left running
 * had closed its output.
 */
import { closeSync, existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host, HostProcess, SpawnOptions } from '../host/host.ts';
import { type ConmonOptions, RUNTIME_ENV, reports } from './conmon.ts';
import { runtimeFailure } from './failure.ts';
import type { Pipes } from './pipes.ts';

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
  const streams = openStreams(options.pipes, request);
  const child = host.spawn(program, args, {
    ...streams.theirs,
    extra: ['pipe'],
    env: { ...RUNTIME_ENV, _OCI_SYNCPIPE: '3' },
    detached: true,
    cwd: request.directory,
  });
  streams.handedOn();
  const said = reports(child.extra[0] as Readable);
  const first = said.next().then((next) => (next.done || next.value.data <= 0 ? undefined : next.value.data));
  const last = async (): Promise<number> => {
    await first;
    const next = await said.next();
    return next.done ? LOST : next.value.data;
  };
  return pipesOf(host, child, streams, { first, last: last() });
}

/** For a conmon that is too old: the runtime's own `exec`. */
export function execThroughRuntime({ host, ociRuntime, ociRoot, pipes }: ConmonOptions, request: PipedExec): ExecPipes {
  const pidFile = path.join(request.directory, 'pid');
  const args = [`--root=${ociRoot}`, 'exec', '--process', request.processFile, '--pid-file', pidFile, request.id];
  const streams = openStreams(pipes, request);
  const child = host.spawn(ociRuntime, args, { ...streams.theirs, env: RUNTIME_ENV });
  streams.handedOn();
  return pipesOf(host, child, streams, { first: namedPid(pidFile, child), last: child.exited });
}

interface Streams {
  readonly stdin: Socket | null;
  readonly stdout: Socket | null;
  readonly stderr: Socket;
  /** For the program. */
  readonly theirs: Pick<SpawnOptions, 'stdin' | 'stdout' | 'stderr'>;
  /** The program has its ends. */
  handedOn(): void;
}

function openStreams(pipes: Pipes, wanted: WantedPipes): Streams {
  const stdin = wanted.stdin ? pipes.input() : undefined;
  const stdout = wanted.stdout ? pipes.output() : undefined;
  const stderr = pipes.output();
  for (const pipe of [stdin, stdout, stderr]) pipe?.stream.on('error', () => {}); // its other end has gone
  return {
    stdin: stdin?.stream ?? null,
    stdout: stdout?.stream ?? null,
    stderr: stderr.stream,
    theirs: { stdin: stdin?.fd ?? 'ignore', stdout: stdout?.fd ?? 'ignore', stderr: stderr.fd },
    handedOn: () => [stdin, stdout, stderr].forEach((pipe) => pipe && closeSync(pipe.fd)),
  };
}

interface Outcome {
  /** The pid once the process runs; undefined when it could not be started. */
  readonly first: Promise<number | undefined>;
  /** The exit code. */
  readonly last: Promise<number>;
}

function pipesOf(
  host: Host,
  child: HostProcess,
  { stdin, stdout, stderr }: Streams,
  { first, last }: Outcome,
): ExecPipes {
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
  const close = (...streams: readonly (Socket | null)[]): void => streams.forEach((stream) => stream?.destroy());
  // Output is read to its end; what never came about has none.
  exited.then(
    () => close(stdin),
    () => close(stdin, stdout, stderr),
  );
  const kill = (): void => void started.then((pid) => host.kill(pid, SIGKILL)).catch(() => {});
  // conmon's runtime dies with it (PR_SET_PDEATHSIG).
  const abandon = (): void => child.kill('SIGKILL');
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
