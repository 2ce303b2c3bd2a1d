/**
 * FIFOs to hand out. Node cannot make one, and a program for each would cost what FIFOs are to save: a few are made at once
 * and used again and again.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../host/host.ts';

export interface Fifos {
  /** Puts a FIFO there; false when none is at hand (some will be soon). */
  place(file: string): boolean;
  /** Puts one there, and waits for it when there is none at hand. Throws EngineError('internal'). */
  placeSoon(file: string): Promise<void>;
  /** Takes it back, when it is there, and nobody has it open any more. */
  takeBack(file: string): void;
}

const STOCK = 128;

function isFifo(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** For what must not be a FIFO. */
export function withoutPlacing(fifos: Fifos): Fifos {
  return { ...fifos, place: () => false };
}

export function createFifos({ host, folder }: { readonly host: Host; readonly folder: string }): Fifos {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stock = readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter(isFifo);
  let making: Promise<void> | undefined;

  async function make(): Promise<void> {
    const wanted = Array.from({ length: STOCK }, () => path.join(folder, randomBytes(8).toString('hex')));
    await host.run('mkfifo', ['-m', '600', ...wanted]);
    stock.push(...wanted);
  }
  const restock = (): Promise<void> => {
    making ??= make().finally(() => {
      making = undefined;
    });
    making.catch(() => {}); // told to whoever waits for it
    return making;
  };
  if (stock.length === 0) void restock();
  const place = (file: string): boolean => {
    const fifo = stock.pop();
    if (stock.length === 0) void restock();
    if (fifo === undefined) return false;
    renameSync(fifo, file);
    return true;
  };

  return {
    place,
    async placeSoon(file) {
      while (!place(file)) await restock();
    },
    takeBack(file) {
      if (!isFifo(file)) return;
      const kept = path.join(folder, randomBytes(8).toString('hex'));
      renameSync(file, kept);
      stock.push(kept);
    },
  };
}
