/** Messages on conmon's control FIFO: `1 ROWS COLS` sets the window, `2 0 0` reopens the log file. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

async function send(directory: string, message: string): Promise<void> {
  // Read-write and non-blocking: opening for writing alone would wait for a reader that may be gone.
  const fifo = await open(path.join(directory, 'ctl'), constants.O_RDWR | constants.O_NONBLOCK);
  try {
    await fifo.write(message);
  } finally {
    await fifo.close();
  }
}

/** conmon takes sizes up to 1000. */
export async function resizeTerminal(directory: string, rows: number, columns: number): Promise<void> {
  const clamp = (value: number): number => Math.max(0, Math.min(1000, Math.trunc(value)));
  await send(directory, `1 ${clamp(rows)} ${clamp(columns)}\n`);
}

export async function reopenLog(directory: string): Promise<void> {
  await send(directory, '2 0 0\n');
}
