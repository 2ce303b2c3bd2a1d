/** `POST /containers/{id}/kill` */
import { EngineError } from '#model/engine-api/errors.ts';
import { SIGRTMAX, signalNumber } from '../host/signals.ts';
import { type Container, tellWaiters } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { checkVerb } from './lifecycle.ts';

export const SIGKILL = 9;
const SETTLING_MS = 100;

export const isSendable = (signal: number): boolean => signal >= 1 && signal <= SIGRTMAX;

/** Sends a signal, one that is sendable, to the container's first process. Nothing there any more is no error. */
export async function sendSignal(context: ContainerContext, container: Container, signal: number): Promise<void> {
  const { status, process } = container.record.state;
  const age = Date.now() - Date.parse(container.record.state.startedAt);
  // Clients stop what they have only just started: Docker is slower there, and programs need a moment to say what they handle.
  if (process !== undefined && signal !== SIGKILL && age < SETTLING_MS) {
    await context.runtime.untilHandled(process, signal, SETTLING_MS - age);
  }
  if (process !== undefined && context.runtime.alive(process)) context.host.kill(process.pid, signal);
  publish(context, container, 'kill', { signal: String(signal) });
  // A frozen process takes its death only when it is thawed.
  if (status === 'paused' && signal === SIGKILL) await context.runtime.resume(container.id).catch(() => {});
}

/** The signal that asks the container to stop. */
export function stopSignal(container: Container): number {
  return signalNumber(container.record.config.StopSignal || 'SIGTERM');
}

/** @param signal as clients write it; undefined: SIGKILL. Waits for the end when it is SIGKILL, as Docker does. */
export async function killContainer(
  context: ContainerContext,
  reference: string,
  signal: string | undefined,
): Promise<void> {
  try {
    await kill(context, reference, signal);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.code, `cannot kill container: ${reference}: ${error.message}`, { cause: error });
  }
}

/** Nothing starts it again; of one that waits to be, this is the end. */
function giveUp(context: ContainerContext, container: Container): void {
  const { state } = container.record;
  const waiting = state.status === 'restarting';
  container.cancelRestart?.();
  const status = waiting ? 'exited' : state.status;
  context.store.save(container, { state: { ...state, status, manuallyStopped: true } });
  if (waiting) tellWaiters(container, ['not-running'], state.exitCode);
}

async function kill(context: ContainerContext, reference: string, signal: string | undefined): Promise<void> {
  const number = signalNumber(signal || 'SIGKILL');
  if (!isSendable(number)) throw new EngineError('invalid', `the linux daemon does not support signal ${number}`);
  const container = context.store.find(reference);
  const run = await container.lock.run(async () => {
    checkVerb('kill', container.record.state.status, container.id);
    if (number === SIGKILL || number === stopSignal(container)) {
      giveUp(context, container);
    }
    return container.run;
  });
  if (run === undefined) return;
  await sendSignal(context, container, number);
  if (number === SIGKILL) await run.settled;
}
