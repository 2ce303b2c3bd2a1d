/**
 * Real pipes for the programs that are run in containers. What Node makes of 'pipe' are sockets, and those cannot be opened
 * by name: `echo >/dev/stderr` fails with ENXIO. A pipe with a name is opened at both ends, and loses the name at once.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Host } from '../host/host.ts';
import { createFifos } from './fifos.ts';

export interface Pipe {
  /** The engine's end. */
  readonly stream: Socket;
  /** The program's, to be closed once it has been started. */
  readonly fd: number;
}

export interface Pipes {
  /** A program writes, the engine reads. */
  output(): Pipe;
  /** The engine writes, a program reads. */
  input(): Pipe;
}

/** An exec takes two or three, which are not used again. */
const STOCK = 96;

export function createPipes({ host, folder }: { readonly host: Host; readonly folder: string }): Pipes {
  const fifos = createFifos({ host, folder, stock: STOCK });

  function named<T>(work: (file: string) => T): T {
    const file = path.join(folder, `.${randomBytes(8).toString('hex')}`);
    if (!fifos.place(file)) host.makeFifo(file);
    try {
      // Whoever has the descriptor may open it again, whatever user the program becomes.
      chmodSync(file, 0o666);
      return work(file);
    } finally {
      rmSync(file, { force: true });
    }
  }

  return {
    output: () =>
      named((file) => {
        const own = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
        const fd = openOther(own, file, constants.O_WRONLY);
        return { stream: new Socket({ fd: own, readable: true, writable: false }), fd };
      }),
    input: () =>
      named((file) => {
        // A writer must find a reader.
        const first = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
        const own = openOther(first, file, constants.O_WRONLY | constants.O_NONBLOCK);
        const fd = openOther(own, file, constants.O_RDONLY);
        closeSync(first);
        return { stream: new Socket({ fd: own, readable: false, writable: true }), fd };
      }),
  };
}

/** The other end; the one that is open is closed when that fails. */
function openOther(open: number, file: string, flags: number): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    closeSync(open);
    throw error;
  }
}
