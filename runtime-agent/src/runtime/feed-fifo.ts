/** Writes to a FIFO whose reader may come later, or never. Nothing here waits in the kernel. */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 1;

/** undefined while nobody reads. */
function tryOpen(file: string): number | undefined {
  try {
    return openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}

async function waitForReader(file: string, signal: AbortSignal): Promise<number | undefined> {
  while (!signal.aborted) {
    const fifo = tryOpen(file);
    if (fifo !== undefined) return fifo;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** What the pipe does not take yet; nothing more when its reader has gone. */
async function writeSome(fifo: number, data: Buffer): Promise<Buffer> {
  try {
    return data.subarray(writeSync(fifo, data));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return Buffer.alloc(0);
    if (code !== 'EAGAIN') throw error;
    await sleep(POLL_MS);
    return data;
  }
}

/**
 * Resolves when the reader has been given all of it, has gone away, or the signal says that none will come. A reader that
 * waits already has it when this returns, unless it is more than a pipe holds (64 KB).
 * With nothing to write, the reader finds the end at once.
 */
export async function feedFifo(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
  const fifo = tryOpen(file) ?? (await waitForReader(file, signal));
  if (fifo === undefined) return;
  try {
    for (let left = data; left.length > 0 && !signal.aborted; ) left = await writeSome(fifo, left);
  } finally {
    closeSync(fifo);
  }
}

/** Whoever waits in open(2) for the FIFO to be written finds its end. Nobody there is no error. */
export function releaseReader(file: string): void {
  try {
    const fifo = tryOpen(file);
    if (fifo !== undefined) closeSync(fifo);
  } catch {
    // It is not there.
  }
}
