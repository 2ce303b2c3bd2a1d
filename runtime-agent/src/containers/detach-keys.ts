/** The key sequence that leaves a terminal's session without ending it (`ctrl-p,ctrl-q`). */
import { EngineError } from '#model/engine-api/errors.ts';

const DEFAULT_KEYS = 'ctrl-p,ctrl-q';

/** `ctrl-a`, `ctrl-@`, `x`, separated by commas, as bytes. Throws EngineError('invalid') as Docker does. */
export function parseDetachKeys(text: string | undefined): Buffer {
  const bytes = (text || DEFAULT_KEYS).split(',').map((key) => {
    if (key.length === 1) return key.charCodeAt(0);
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control === undefined) throw new EngineError('invalid', `Invalid detach keys (${text}) provided`);
    return control.toUpperCase().charCodeAt(0) - 0x40;
  });
  return Buffer.from(bytes);
}

export interface DetachFilter {
  /** What may be passed on; a begun sequence is held back until it is clear that it is none. */
  push(chunk: Buffer): { readonly pass: Buffer; readonly detach: boolean };
}

export function createDetachFilter(keys: Buffer): DetachFilter {
  let matched = 0;
  return {
    push(chunk) {
      const out: number[] = [];
      for (const byte of chunk) {
        if (byte === keys[matched]) {
          matched++;
          if (matched === keys.length) return { pass: Buffer.from(out), detach: true };
          continue;
        }
        // What looked like the sequence was input after all.
        for (let i = 0; i < matched; i++) out.push(keys[i] ?? 0);
        matched = byte === keys[0] ? 1 : 0;
        if (matched === 0) out.push(byte);
      }
      return { pass: Buffer.from(out), detach: false };
    },
  };
}
