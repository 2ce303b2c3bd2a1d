/** `--chmod`: an octal mode, or changes as chmod(1) reads them (`u=rwX,go=rX`). */
import { EngineError } from '#model/engine-api/errors.ts';

export interface ModeChange {
  /** The whole mode, when it was given as a number. */
  readonly octal?: number;
  /** The new permission bits (12) of a file that has `mode`. */
  apply(mode: number, isDirectory: boolean): number;
}

type Change = (mode: number, isDirectory: boolean) => number;

const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const SPECIAL: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, o: 0 };

/** Throws EngineError('invalid') in BuildKit's words. */
export function parseModeChange(text: string): ModeChange {
  if (/^[0-7]+$/.test(text)) {
    const octal = Number.parseInt(text, 8);
    if (octal <= 0o7777) return { octal, apply: () => octal };
    throw notOctal(text);
  }
  if (/^\d/.test(text)) throw notOctal(text);
  const changes = text.split(',').flatMap((clause) => clauseChanges(clause, text));
  return { apply: (mode, isDirectory) => changes.reduce((now, change) => change(now, isDirectory), mode & 0o7777) };
}

function notOctal(text: string): EngineError {
  const rule = 'it should be octal string and between 0 and 07777';
  return new EngineError('invalid', `invalid chmod parameter: '${text}'. ${rule}`);
}

function clauseChanges(clause: string, whole: string): Change[] {
  const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
  if (match === null) throw new EngineError('invalid', `invalid chmod parameter: '${whole}': invalid syntax`);
  const who = match[1] === '' || match[1]?.includes('a') ? 'ugo' : (match[1] ?? '');
  const actions = [...(match[2] ?? '').matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)];
  return actions.map(([, operator, permissions]) => (mode, isDirectory) => {
    let next = mode;
    for (const one of who)
      next = changeFor(one, operator ?? '=', permissions ?? '', { mode: next, before: mode, isDirectory });
    return next;
  });
}

function changeFor(
  who: string,
  operator: string,
  permissions: string,
  { mode, before, isDirectory }: { readonly mode: number; readonly before: number; readonly isDirectory: boolean },
): number {
  const shift = SHIFTS[who] ?? 0;
  let bits = 0;
  for (const permission of permissions) bits |= bitsOf(permission, { who, mode: before, isDirectory });
  if (operator === '+') return mode | bits;
  if (operator === '-') return mode & ~bits;
  const sticky = permissions.includes('t') ? 0o1000 : 0;
  const cleared = (0o7 << shift) | (SPECIAL[who] ?? 0) | sticky;
  return (mode & ~cleared) | bits;
}

function bitsOf(
  permission: string,
  { who, mode, isDirectory }: { readonly who: string; readonly mode: number; readonly isDirectory: boolean },
): number {
  const shift = SHIFTS[who] ?? 0;
  switch (permission) {
    case 'r':
      return 0o4 << shift;
    case 'w':
      return 0o2 << shift;
    case 'x':
      return 0o1 << shift;
    case 'X':
      return isDirectory || (mode & 0o111) !== 0 ? 0o1 << shift : 0;
    case 's':
      return SPECIAL[who] ?? 0;
    case 't':
      return who === 'o' ? 0 : 0o1000; // `o+t` changes nothing, as in BuildKit
    default:
      return ((mode >> (SHIFTS[permission] ?? 0)) & 0o7) << shift;
  }
}
