/**
 * Lets a created container run without a `runc start` process. runc and crun keep the container's first process waiting to
 * open a FIFO, `exec.fifo` in the container's state directory, for writing; `runc start` does no more than open it for
 * reading, read, and remove it. See docs/decisions/0003-start-and-delete-without-runc.md.
 */
import { constants, existsSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';

const POLL_MS = 1;
/** A process that has opened the FIFO has written its byte a moment later, however busy the machine. */
const LET_GO_MS = 5000;
const FIFO = 'exec.fifo';

/** Whether the container may still wait to be started. The FIFO also stays when whoever started it was killed then. */
export function mayWaitForStart(state: string): boolean {
  return existsSync(path.join(state, FIFO));
}

/**
 * The FIFO is also held open by a process that outlives the engine: an engine that is killed when the container's process
 * has opened it and not yet written would have it die of that.
 * @param host holds it
 * @param state the container's directory below the OCI runtime's root
 * @param alive whether the waiting process still exists
 * @param patienceMs for a process that perhaps runs already; by default it is known to wait
 * @returns false when this runtime has no such FIFO: `start` has to be asked then
 */
export async function openStartFifo(
  host: Pick<Host, 'holdFifo'>,
  state: string,
  alive: () => boolean,
  patienceMs = Infinity,
): Promise<boolean> {
  const fifo = path.join(state, FIFO);
  if (!existsSync(fifo)) return false;
  const letGo = await host.holdFifo(fifo).catch(() => () => {});
  let written = false;
  try {
    written = await byteComes(fifo, alive, patienceMs);
  } finally {
    if (written || !alive()) letGo();
    else setTimeout(letGo, LET_GO_MS).unref();
  }
  await rm(fifo, { force: true });
  return true;
}

/** Throws EngineError('internal') when the process ends without a byte. */
async function byteComes(fifo: string, alive: () => boolean, patienceMs: number): Promise<boolean> {
  // Non-blocking: a process that died before it came to the FIFO must not hang the engine.
  await using handle = await open(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(16);
  const deadline = Date.now() + patienceMs;
  for (;;) {
    // Asked first: a process that runs and ends between the two has left its byte.
    const ended = !alive();
    const read = await handle.read(buffer, 0, buffer.length, null).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') return { bytesRead: 0 };
      throw error;
    });
    if (read.bytesRead > 0) return true;
    if (Date.now() > deadline) return false;
    if (ended) throw new EngineError('internal', 'the container ended before it was started');
    await sleep(POLL_MS);
  }
}
