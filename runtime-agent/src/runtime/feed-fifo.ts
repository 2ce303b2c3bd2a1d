/** Writes to a FIFO whose reader may come later, or never. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 1;

/** undefined while nobody reads. */
async function tryOpen(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}

async function waitForReader(file: string, signal: AbortSignal): Promise<FileHandle | undefined> {
  while (!signal.aborted) {
    const handle = await tryOpen(file);
    if (handle !== undefined) return handle;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** What the pipe does not take yet; nothing more when its reader has gone. */
async function writeSome(handle: FileHandle, data: Buffer): Promise<Buffer> {
  try {
    const { bytesWritten } = await handle.write(data);
    return data.subarray(bytesWritten);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return Buffer.alloc(0);
    if (code !== 'EAGAIN') throw error;
    await sleep(POLL_MS);
    return data;
  }
}

/**
 * Resolves when the reader has been given all of it, has gone away, or the signal says that none will come.
 * With nothing to write, the reader finds the end at once.
 */
export async function feedFifo(file: string, data: Buffer, signal: AbortSignal): Promise<void> {
  const handle = await waitForReader(file, signal);
  if (handle === undefined) return;
  try {
    for (let left = data; left.length > 0 && !signal.aborted; ) left = await writeSome(handle, left);
  } finally {
    await handle.close();
  }
}

/** Whoever waits in open(2) for the FIFO to be written finds its end. Nobody there is no error. */
export async function releaseReader(file: string): Promise<void> {
  const handle = await tryOpen(file).catch(() => undefined);
  await handle?.close();
}
