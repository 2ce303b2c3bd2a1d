/** JSON of a request, refused in the words of Go's encoding/json, which Docker's clients know. */
import { EngineError } from './errors.ts';

/** Throws EngineError('invalid'). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new EngineError('invalid', goMessage(text, (cause as Error).message), { cause });
  }
}

/** V8 says where it stopped; Go says what it found there. */
function goMessage(text: string, message: string): string {
  if (/after JSON/.test(message)) return 'unexpected content after JSON';
  const place = /at position (\d+)/.exec(message)?.[1];
  const found = place === undefined ? /^Unexpected token '(.)'/su.exec(message)?.[1] : text[Number(place)];
  if (found === undefined) return 'invalid JSON: unexpected EOF';
  return `invalid JSON: invalid character '${shown(found)}' ${context(text.slice(0, Number(place ?? 0)))}`;
}

/** As Go quotes a character. */
const shown = (found: string): string => (found === '\ufeff' ? '\\ufeff' : found);

function context(before: string): string {
  const last = before.trimEnd().at(-1) ?? '';
  const inObject = last === '{' || (last === ',' && innermost(before) === '{');
  return `looking for beginning of ${inObject ? 'object key string' : 'value'}`;
}

/** The bracket that is still open at the end of text that is JSON until there. */
function innermost(before: string): string | undefined {
  const open: string[] = [];
  for (const [bracket] of before.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '').matchAll(/[{}[\]]/g)) {
    if (bracket === '{' || bracket === '[') open.push(bracket);
    else open.pop();
  }
  return open.at(-1);
}
