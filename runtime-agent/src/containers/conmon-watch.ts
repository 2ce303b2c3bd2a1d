/**
 * A container whose conmon was killed has nobody who takes its output or will tell of its end: it is ended as well, as Docker
 * does when the shim of a container has gone.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProcess } from '../runtime/running-process.ts';
import { type Container, isRunning, type Run } from './container.ts';
import type { ContainerContext } from './context.ts';

/** Nothing tells of it; a look costs one read of a file without a disk for each container. */
const LOOK_MS = 1000;
const POLL_MS = 20;
const SIGKILL = 9;
const KILLED = 128 + SIGKILL;

export function watchConmons(context: ContainerContext): Disposable {
  const conmons = new WeakMap<Run, RunningProcess>();
  const ending = new WeakSet<Run>();
  const look = (container: Container): void => {
    const { run } = container;
    if (run === undefined || !isRunning(container) || ending.has(run)) return;
    const conmon = conmons.get(run) ?? context.runtime.conmon(container.id);
    if (conmon === undefined) return;
    conmons.set(run, conmon);
    if (context.runtime.alive(conmon) || context.exits.find(container.id) !== undefined) return;
    ending.add(run);
    context.warn(`container ${container.id}`, new Error('its conmon was killed: it is ended'));
    void end(context, container, run);
  };
  const timer = setInterval(() => context.store.all().forEach(look), LOOK_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function end(context: ContainerContext, container: Container, run: Run): Promise<void> {
  const { process, status } = container.record.state;
  if (process !== undefined && context.runtime.alive(process)) {
    if (status === 'paused') await context.runtime.resume(container.id).catch(() => {}); // it may have gone meanwhile
    context.host.kill(process.pid, SIGKILL);
    while (context.runtime.alive(process)) await sleep(POLL_MS);
  }
  if (container.run === run) context.exits.declare(container.id, KILLED);
}
