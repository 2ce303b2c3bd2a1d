/** `POST /containers/{id}/stop` */
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { signalNumber } from '../host/signals.ts';
import { type Container, isRunning, tellWaiters } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { isSendable, sendSignal, SIGKILL, stopSignal } from './kill.ts';
import { checkVerb } from './lifecycle.ts';

const DEFAULT_TIMEOUT_S = 10;
const UNSENT_TIMEOUT_S = 2;
/** After SIGKILL the kernel needs a moment; a process that is still there then is stuck in the kernel. */
const KILL_PATIENCE_MS = 30_000;

export interface StopOptions {
  /** Seconds before SIGKILL; negative: for ever. Default: the container's StopTimeout, or ten. */
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

async function within(done: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([done.then(() => true), sleep(ms, false, { signal: timer.signal }).catch(() => false)]);
  } finally {
    timer.abort();
  }
}

/** Asks a running container to stop, insists after the time-out, and waits until its end has been dealt with. */
export async function stopRunning(
  context: ContainerContext,
  container: Container,
  options: StopOptions,
): Promise<void> {
  const { run } = container;
  if (run === undefined || !isRunning(container)) return;
  const signal = options.signal ? signalNumber(options.signal) : stopSignal(container);
  const known = isSendable(signal);
  const asked = options.timeout ?? container.record.config.StopTimeout ?? DEFAULT_TIMEOUT_S;
  // A signal that cannot be sent is not waited for: Docker gives the container two seconds and kills it.
  const seconds = known ? asked : UNSENT_TIMEOUT_S;
  if (known) await sendSignal(context, container, signal);
  // A frozen container cannot take the signal: Docker lets it wait for the time-out and kills it then.
  if (seconds < 0) return await run.settled;
  if (seconds > 0 && (await within(run.exited, seconds * 1000))) return await run.settled;
  await sendSignal(context, container, SIGKILL);
  await within(run.settled, KILL_PATIENCE_MS);
}

/** Throws when the client named a signal that is none: a server error, as Docker's. */
function checkSignal(signal: string | undefined, reference: string): void {
  try {
    if (signal) signalNumber(signal);
  } catch (error) {
    throw new EngineError('internal', `cannot stop container: ${reference}: ${messageOf(error)}`, { cause: error });
  }
}

/** Throws 'not-modified' when the container does not run. */
export async function stopContainer(context: ContainerContext, reference: string, options: StopOptions): Promise<void> {
  const container = context.store.find(reference);
  await container.lock.run(async () => {
    const { state } = container.record;
    checkVerb('stop', state.status, container.id);
    checkSignal(options.signal, reference);
    const waiting = state.status === 'restarting';
    container.cancelRestart?.();
    const status = waiting ? 'exited' : state.status;
    context.store.save(container, { state: { ...state, status, manuallyStopped: true } });
    if (waiting) tellWaiters(container, ['not-running'], state.exitCode);
  });
  await stopRunning(context, container, options);
  publish(context, container, 'stop');
}
