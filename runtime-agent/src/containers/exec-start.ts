/** `POST /exec/{id}/start`: a process with pipes from `runc exec` itself, or on a pty of conmon. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { frameHead } from '#model/engine-api/stream-frames.ts';
import type { HostProcess } from '../host/host.ts';
import { openStdin } from '../runtime/attach-socket.ts';
import { runtimeFailure, failedStartCode } from '../runtime/failure.ts';
import { createLogDecoder } from '../runtime/log-format.ts';
import { readLog } from '../runtime/log-read.ts';
import { writeTo } from './attach.ts';
import { type ContainerContext, publish } from './context.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { endExec, findExec, type FoundExec } from './exec.ts';
import { execProcess } from './exec-process.ts';
import { checkVerb } from './lifecycle.ts';
import { carryInput } from './stream-input.ts';

export interface ExecStartOptions {
  readonly consoleSize: readonly number[];
}

export interface ExecSession {
  readonly terminal: boolean;
  /** Carries the streams until the process has ended; ends `client`. */
  run(client: Duplex, signal: AbortSignal): Promise<void>;
  /** Resolves once the process runs; throws the runtime's failure when it cannot be started. */
  startDetached(): Promise<void>;
}

const PID_POLL_MS = 5;

interface Phases {
  readonly signal: AbortSignal;
  /** Called once the process runs. */
  readonly begun: () => void;
}

/** What the runtime wrote to stderr before the process ran is its own complaint, not the process's output. */
interface Started {
  /** Resolves once the process runs (true) or the runtime has ended without starting it (false). */
  readonly known: Promise<boolean>;
  pid(): number;
}

function watchPid(pidFile: string, child: HostProcess): Started {
  const over = new AbortController();
  const poll = async (): Promise<boolean> => {
    while (!existsSync(pidFile)) {
      if (over.signal.aborted) return false;
      await sleep(PID_POLL_MS, undefined, { signal: over.signal }).catch(() => {});
    }
    return true;
  };
  const end = (): void => over.abort();
  child.exited.then(end, end);
  return { known: poll(), pid: () => Number(readFileSync(pidFile, 'utf8').trim() || 0) };
}

async function carryOutput(
  source: Readable,
  stream: 'stdout' | 'stderr',
  client: Duplex,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (client.destroyed) continue; // the process runs on, and its pipe must not fill
    client.cork();
    client.write(frameHead(stream, chunk.length));
    const sent = writeTo(client, chunk, signal);
    client.uncork();
    await sent;
  }
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

const COMPLAINT_LIMIT = 64 * 1024;

/** With the process's own pipes; throws the runtime's failure when it could not be started. */
async function runWithPipes(
  context: ContainerContext,
  { container, exec }: FoundExec,
  client: Duplex | undefined,
  options: ExecStartOptions,
  { signal, begun }: Phases,
): Promise<number> {
  const { config } = exec;
  const process = await execProcess(context, container.record, config, options.consoleSize);
  const { process: child, pidFile } = context.runtime.exec(
    { id: container.id, execId: exec.id, container: container.record.state.process, process },
    {
      stdin: client && config.stdin ? 'pipe' : 'ignore',
      stdout: client && config.stdout ? 'pipe' : 'ignore',
      stderr: 'pipe',
    },
  );
  const started = watchPid(pidFile, child);
  const { stdin, stdout } = child;
  // Held from the first byte on: Node throws away what nobody reads when a process ends.
  const stderr = child.stderr?.pipe(new PassThrough());
  const printed: Promise<unknown>[] = [];
  if (client && stdout) printed.push(carryOutput(stdout, 'stdout', client, signal));
  if (client && stdin) {
    void carryInput(client, stdin, { signal }).then(() => stdin.end());
  } else client?.resume();
  if (!(await started.known)) {
    const complaint = stderr ? await collect(stderr, COMPLAINT_LIMIT) : Buffer.alloc(0);
    await child.exited;
    throw runtimeFailure('exec', complaint.toString());
  }
  exec.pid = started.pid();
  begun();
  if (client && stderr && config.stderr) printed.push(carryOutput(stderr, 'stderr', client, signal));
  else stderr?.resume();
  const code = await child.exited;
  await Promise.all(printed);
  return code;
}

async function runOnTerminal(
  context: ContainerContext,
  { container, exec }: FoundExec,
  client: Duplex | undefined,
  options: ExecStartOptions,
  { signal, begun }: Phases,
): Promise<number> {
  const { config } = exec;
  const process = await execProcess(context, container.record, config, options.consoleSize);
  const request = { id: container.id, execId: exec.id, container: container.record.state.process, process };
  const { pid, exited } = await context.runtime.execTerminal(request, config.stdin);
  exec.pid = pid;
  begun();
  if (client === undefined) return await exited;
  const directory = context.runtime.execDirectory(exec.id);
  const left = new AbortController();
  client.on('close', () => left.abort());
  if (config.stdin) {
    const stdin = openStdin(directory);
    stdin.on('error', () => {});
    const keys = parseDetachKeys(config.detachKeys);
    void carryInput(client, stdin, { detachKeys: keys, signal }).then((end) => {
      stdin.destroy();
      if (end !== 'detached') return;
      publish(context, container, 'exec_detach', { execID: exec.id });
      left.abort();
    });
  } else client.resume();
  const decode = createLogDecoder({ stdout: true, stderr: true, framing: 'raw' });
  const over = AbortSignal.any([signal, left.signal]);
  for await (const lines of readLog(path.join(directory, 'log'), { ended: exited, signal: over })) {
    if (!(await writeTo(client, decode(lines), over))) break;
  }
  client.end();
  return await exited;
}

/** The failure reaches an attached client as text, as Docker sends it; a detached one gets the error itself. */
async function runExec(
  context: ContainerContext,
  found: FoundExec,
  client: Duplex | undefined,
  options: ExecStartOptions,
  phases: Phases,
): Promise<void> {
  const { exec } = found;
  const run = exec.config.terminal ? runOnTerminal : runWithPipes;
  try {
    endExec(context, found, await run(context, found, client, options, phases));
  } catch (error) {
    const message = messageOf(error);
    endExec(context, found, failedStartCode(error));
    if (client === undefined) throw error;
    const text = Buffer.from(`${message}\r\n`);
    if (!exec.config.terminal) client.write(frameHead('stdout', text.length));
    client.write(text);
  } finally {
    client?.end();
    await context.runtime.removeExec(exec.id);
  }
}

/** Throws before anything has started when the exec cannot be started now. */
export function startExec(context: ContainerContext, id: string, options: ExecStartOptions): ExecSession {
  const found = findExec(context, id);
  const { container, exec } = found;
  if (exec.state === 'ended') throw new EngineError('conflict', `exec command ${id} has already run`);
  if (exec.state === 'running') throw new EngineError('conflict', `exec command ${id} is already running`);
  checkVerb('exec', container.record.state.status, container.id);
  exec.state = 'running';
  const announce = (): void =>
    publish(context, container, `exec_start: ${exec.config.command.join(' ')}`, { execID: id });
  return {
    terminal: exec.config.terminal,
    async run(client, signal) {
      announce();
      client.on('error', () => {});
      await runExec(context, found, client, options, { signal, begun: () => {} });
    },
    async startDetached() {
      announce();
      await new Promise<void>((resolve, reject) => {
        runExec(context, found, undefined, options, { signal: context.signal, begun: resolve }).then(resolve, reject);
      });
    },
  };
}
