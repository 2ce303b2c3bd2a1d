/** `POST /exec/{id}/start`: a process with pipes of the engine's own, or on a pty of conmon. */
import path from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { frameHead } from '#model/engine-api/stream-frames.ts';
import { openStdin } from '../runtime/attach-socket.ts';
import { failedStartCode } from '../runtime/failure.ts';
import { createLogDecoder } from '../runtime/log-format.ts';
import { readLog } from '../runtime/log-read.ts';
import { writeTo } from './attach.ts';
import { type ContainerContext, publish } from './context.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { endExec, findExec, type FoundExec } from './exec.ts';
import { execAction } from './exec-action.ts';
import { execProcess } from './exec-process.ts';
import { checkVerb } from './lifecycle.ts';
import { carryInput } from './stream-input.ts';

export interface ExecStartOptions {
  /** Output comes as it is, without stderr; otherwise in frames. Clients say so here again, whatever the process has. */
  readonly raw: boolean;
  /** Rows and columns, in place of those that the exec was created with; empty for none. */
  readonly consoleSize: readonly number[];
}

export interface ExecSession {
  /** Carries the streams until the process has ended; ends `client`. */
  run(client: Duplex, signal: AbortSignal): Promise<void>;
  /** Resolves once the process runs; throws the runtime's failure when it cannot be started. */
  startDetached(): Promise<void>;
}

/** How long output may still come after the process has ended, as Docker waits. */
const LAST_WORDS_MS = 2000;

interface Phases {
  readonly signal: AbortSignal;
  /** Called once the process runs. */
  readonly begun: () => void;
}

async function carryOutput(
  source: Readable,
  stream: 'stdout' | 'stderr' | 'raw',
  client: Duplex,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (client.destroyed || client.writableEnded) continue; // the process runs on, and its pipe must not fill
    client.cork();
    if (stream !== 'raw') client.write(frameHead(stream, chunk.length));
    const sent = writeTo(client, chunk, signal);
    client.uncork();
    await sent;
  }
}

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
  const wanted = { stdin: client !== undefined && config.stdin, stdout: client !== undefined && config.stdout };
  const request = { id: container.id, execId: exec.id, container: container.record.state.process, process };
  const child = context.runtime.exec(request, wanted);
  const { stdin, stdout, stderr } = child;
  const printed: Promise<unknown>[] = [];
  if (client && stdout) printed.push(carryOutput(stdout, options.raw ? 'raw' : 'stdout', client, signal));
  if (client && stdin) {
    void carryInput(client, stdin, { signal }).then(() => stdin.end());
  } else client?.resume();
  // What the runtime wrote to stderr before the process ran is its own complaint, not the process's output.
  exec.pid = await child.started;
  begun();
  if (client && config.stderr && !options.raw) printed.push(carryOutput(stderr, 'stderr', client, signal));
  else stderr.resume();
  const code = await child.exited;
  // What it left running may hold its output open for ever. It is read to its end even so: nothing dies of a closed pipe.
  await Promise.race([Promise.all(printed), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
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
  const decode = createLogDecoder({ stdout: true, stderr: true, framing: options.raw ? 'raw' : 'multiplexed' });
  const over = AbortSignal.any([signal, left.signal]);
  for await (const lines of readLog(path.join(directory, 'log'), { ended: exited, signal: over })) {
    if (!(await writeTo(client, decode(lines), over))) break;
  }
  client.end();
  return await exited;
}

function tell(client: Duplex, message: string, { raw }: ExecStartOptions): void {
  const text = Buffer.from(`${message}\r\n`);
  if (!raw) client.write(frameHead('stdout', text.length));
  client.write(text);
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
    tell(client, message, options);
  } finally {
    client?.end();
    await context.runtime.removeExec(exec.id);
  }
}

/** Why it cannot be started a second time; undefined when this is the first. */
function refusal({ id, state }: FoundExec['exec']): EngineError | undefined {
  if (state === 'created') return undefined;
  const what = state === 'ended' ? 'has already run' : 'is already running';
  return new EngineError('conflict', `exec command ${id} ${what}`);
}

/**
 * Throws when there is no such exec, or its container does not run; that it was started before is told like a failure to
 * start, as Docker does.
 */
export function startExec(context: ContainerContext, id: string, options: ExecStartOptions): ExecSession {
  const found = findExec(context, id);
  const { container, exec } = found;
  checkVerb('exec', container.record.state.status, container.id);
  const refused = refusal(exec);
  if (refused === undefined) exec.state = 'running';
  const announce = (): void =>
    publish(context, container, execAction('exec_start', exec.config.command), { execID: id });
  return {
    async run(client, signal) {
      client.on('error', () => {});
      if (refused !== undefined) {
        tell(client, refused.message, options);
        client.end();
        return;
      }
      announce();
      await runExec(context, found, client, options, { signal, begun: () => {} });
    },
    async startDetached() {
      if (refused !== undefined) throw refused;
      announce();
      await new Promise<void>((resolve, reject) => {
        runExec(context, found, undefined, options, { signal: context.signal, begun: resolve }).then(resolve, reject);
      });
    },
  };
}
