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
  return `invalid JSON: invalid character '${found}' ${context(text.slice(0, Number(place ?? 0)))}`;
}

function context(before: string): string {
  const last = before.trimEnd().at(-1) ?? '';
  if (last === '{') return 'looking for beginning of object key string';
  return 'looking for beginning of value';
}
