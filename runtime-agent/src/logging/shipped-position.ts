/**
 * How far a container's log has been sent away, kept in a file that a killed engine leaves whole: one small write at
 * its beginning per delivery.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { LogProgress } from './log-messages.ts';

export interface ShippedLog extends LogProgress {
  /** Everything was sent when the container ended. */
  readonly complete: boolean;
}

export interface ShippedPosition extends Disposable {
  /** undefined: nothing was sent yet. */
  readonly last: ShippedLog | undefined;
  save(shipped: ShippedLog): void;
}

/** JSON padded to one length, so that a shorter record leaves nothing of a longer one behind. */
const LENGTH = 256;

function read(file: string): ShippedLog | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ShippedLog;
  } catch {
    return undefined;
  }
}

export function openShippedPosition(file: string): ShippedPosition {
  const last = read(file);
  const descriptor = openSync(file, last === undefined ? 'w' : 'r+', 0o600);
  return {
    last,
    save: (shipped) => void writeSync(descriptor, JSON.stringify(shipped).padEnd(LENGTH), 0),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
