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
  /** Takes it back, when it is there, and nobody has it open any more. */
  takeBack(file: string): void;
}

export const NO_FIFOS: Fifos = { place: () => false, takeBack: () => {} };

const STOCK = 32;

function isFifo(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

interface FifosOptions {
  readonly host: Host;
  readonly folder: string;
  /** How many are made at once. */
  readonly stock?: number;
}

export function createFifos({ host, folder, stock: size = STOCK }: FifosOptions): Fifos {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stock = readdirSync(folder)
    .map((name) => path.join(folder, name))
    .filter(isFifo);
  let making: Promise<void> | undefined;

  async function make(): Promise<void> {
    const wanted = Array.from({ length: size }, () => path.join(folder, randomBytes(8).toString('hex')));
    await host.run('mkfifo', ['-m', '600', ...wanted]);
    stock.push(...wanted);
  }
  const restock = (): void => {
    making ??= make()
      .catch(() => {}) // whoever wants one does without
      .finally(() => {
        making = undefined;
      });
  };
  if (stock.length === 0) restock();

  return {
    place(file) {
      const fifo = stock.pop();
      if (stock.length <= size / 4) restock();
      if (fifo === undefined) return false;
      renameSync(fifo, file);
      return true;
    },
    takeBack(file) {
      if (!isFifo(file)) return;
      const kept = path.join(folder, randomBytes(8).toString('hex'));
      renameSync(file, kept);
      stock.push(kept);
    },
  };
}
