/** `POST /containers/{id}/exec`, `GET /exec/{id}/json`, `POST /exec/{id}/resize` */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import type { ExecInspectResponse } from '#model/engine-api/types.ts';
import { resizeTerminal } from '../runtime/control.ts';
import { nextMoment, type Container } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { readAccounts } from './accounts.ts';
import { execAction } from './exec-action.ts';
import type { Exec, ExecConfig } from './exec-state.ts';
import { checkVerb } from './lifecycle.ts';
import { rlimits } from './spec/process.ts';
import { resolveUser } from './spec/user.ts';

/** How long an ended exec can still be inspected. */
const KEPT_MS = 5 * 60_000;
/** Clients send a terminal's size while its process is being started; Docker waits as long for it. */
const STARTING_MS = 10_000;
const STARTING_POLL_MS = 5;

export async function createExec(context: ContainerContext, reference: string, config: ExecConfig): Promise<string> {
  if (config.command.length === 0) throw new EngineError('invalid', 'No exec command specified');
  const container = context.store.find(reference);
  checkVerb('exec', container.record.state.status, container.id, reference);
  if (config.detachKeys) checkDetachKeys(config.detachKeys);
  if (config.user !== '') {
    await checkUser(config.user, `/proc/${container.record.state.process?.pid ?? 0}/root`);
  }
  const exec: Exec = {
    id: randomBytes(32).toString('hex'),
    config,
    state: 'created',
    exitCode: undefined,
    pid: 0,
  };
  container.execs.set(exec.id, exec);
  // What never ran cannot any more; of what did, the exit code stays.
  void nextMoment(container, 'ended').then(() => exec.state === 'created' && container.execs.delete(exec.id));
  // Nearly always it is started at once.
  if (!config.terminal) {
    const limits = { rlimits: rlimits(container.record.hostConfig, context.facts.ceilings) };
    context.runtime.expectExec(container.id, { stdin: config.stdin, stdout: config.stdout }, limits);
  }
  publish(context, container, execAction('exec_create', config.command), { execID: exec.id });
  return exec.id;
}

/** Of an exec it is the client's mistake; at a start Docker calls it the server's. */
async function checkUser(user: string, root: string): Promise<void> {
  try {
    resolveUser(user, [], await readAccounts(root));
  } catch (cause) {
    throw new EngineError('invalid', messageOf(cause), { cause });
  }
}

function checkDetachKeys(keys: string): void {
  try {
    parseDetachKeys(keys);
  } catch (cause) {
    throw new EngineError('internal', `Invalid escape keys (${keys}) provided`, { cause });
  }
}

export interface FoundExec {
  readonly container: Container;
  readonly exec: Exec;
}

export function findExec(context: ContainerContext, id: string): FoundExec {
  for (const container of context.store.all()) {
    const exec = container.execs.get(id);
    if (exec) return { container, exec };
  }
  throw new EngineError('not-found', `No such exec instance: ${id}`);
}

/** Records the end; the exec stays for those who ask for its exit code. */
export function endExec(context: ContainerContext, { container, exec }: FoundExec, exitCode: number): void {
  exec.state = 'ended';
  exec.exitCode = exitCode;
  setTimeout(() => container.execs.delete(exec.id), KEPT_MS).unref();
  publish(context, container, 'exec_die', { execID: exec.id, exitCode: String(exitCode) });
}

export function inspectExec(context: ContainerContext, id: string): ExecInspectResponse & { ExitCode?: number | null } {
  const { container, exec } = findExec(context, id);
  const { config } = exec;
  const [entrypoint = '', ...args] = config.command;
  const user = config.user || (container.record.config.User ?? '');
  return {
    ID: exec.id,
    Running: exec.state === 'running',
    ExitCode: (exec.exitCode ?? null) as number,
    ProcessConfig: {
      tty: config.terminal,
      entrypoint,
      arguments: args,
      privileged: config.privileged,
      ...(user === '' ? {} : { user }),
    },
    OpenStdin: config.stdin,
    OpenStderr: config.stderr,
    OpenStdout: config.stdout,
    CanRemove: false,
    ContainerID: container.id,
    // Docker keeps the bytes, which Go's JSON shows in base64.
    DetachKeys: config.detachKeys === '' ? '' : parseDetachKeys(config.detachKeys).toString('base64'),
    Pid: exec.pid,
  };
}

export async function resizeExec(context: ContainerContext, id: string, rows: number, columns: number): Promise<void> {
  const { container, exec } = findExec(context, id);
  checkVerb('exec', container.record.state.status, container.id);
  const deadline = Date.now() + STARTING_MS;
  while (exec.state !== 'ended' && exec.pid === 0) {
    if (Date.now() > deadline) throw new EngineError('internal', 'timeout waiting for exec session ready');
    await sleep(STARTING_POLL_MS);
  }
  // containerd's words, which Docker hands on.
  if (exec.state !== 'running') throw new EngineError('not-found', `NotFound: process does not exist ${id}: not found`);
  if (exec.config.terminal) await resizeTerminal(context.runtime.execDirectory(id), rows, columns);
}
