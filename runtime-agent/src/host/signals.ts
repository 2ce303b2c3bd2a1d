import { constants } from 'node:os';
import { EngineError } from '#model/engine-api/errors.ts';

const SIGRTMIN = 34;
export const SIGRTMAX = 64;
/** How far from either end Docker's names go (moby/sys/signal): RTMIN+1 … RTMIN+15, RTMAX-14 … RTMAX-1. */
const FROM_MIN = 15;
const FROM_MAX = 14;

/**
 * The number of a signal given as Docker's clients give it: `9`, `KILL`, `SIGKILL`, `RTMIN+3`.
 * Throws EngineError('invalid') with Docker's words for anything else.
 */
export function signalNumber(signal: string | number): number {
  const text = String(signal).toUpperCase();
  // Whether the kernel has it is a question for when it is sent.
  if (/^[+-]?\d+$/.test(text) && Number(text) !== 0) return Number(text);
  const name = text.replace(/^SIG/, '');
  if (name === 'CLD') return constants.signals.SIGCHLD;
  const [, end, sign, digits = '0'] = /^RT(MIN|MAX)(?:([+-])([1-9]\d*))?$/.exec(name) ?? [];
  const offset = Number(digits);
  if (end === 'MIN' && sign !== '-' && offset <= FROM_MIN) return SIGRTMIN + offset;
  if (end === 'MAX' && sign !== '+' && offset <= FROM_MAX) return SIGRTMAX - offset;
  const known: Readonly<Record<string, number>> = constants.signals;
  const value = known[`SIG${name}`];
  if (value === undefined) throw new EngineError('invalid', `invalid signal: ${signal}`);
  return value;
}
