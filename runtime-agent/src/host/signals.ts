import { constants } from 'node:os';
import { EngineError } from '#model/engine-api/errors.ts';

const SIGRTMIN = 34;
export const SIGRTMAX = 64;

/**
 * The number of a signal given as Docker's clients give it: `9`, `KILL`, `SIGKILL`, `RTMIN+3`.
 * Throws EngineError('invalid') with Docker's words for anything else.
 */
export function signalNumber(signal: string | number): number {
  const text = String(signal).trim().toUpperCase();
  // Whether the kernel has it is a question for when it is sent.
  if (/^-?\d+$/.test(text) && Number(text) !== 0) return Number(text);
  const name = text.replace(/^SIG/, '');
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realtime) {
    const offset = Number(`${realtime[2] ?? '+'}${realtime[3] ?? '0'}`);
    const value = (realtime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX) + offset;
    if (value >= SIGRTMIN && value <= SIGRTMAX) return value;
  }
  const known: Readonly<Record<string, number>> = constants.signals;
  const value = known[`SIG${name}`];
  if (value === undefined) throw new EngineError('invalid', `invalid signal: ${signal}`);
  return value;
}
