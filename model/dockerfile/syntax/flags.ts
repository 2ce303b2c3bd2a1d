import { sourceSpan } from './joined-text.ts';
import type { Flag, JoinedText } from './tree.ts';
import { endOfQuotedWord, isSpace } from './words.ts';

/** The `--flags` that stand between keyword and arguments, and where the arguments start. A bare `--` ends them. */
export function splitFlags(
  joined: JoinedText,
  start: number,
  escape: string,
): { readonly flags: Flag[]; readonly bodyStart: number } {
  const { text } = joined;
  const flags: Flag[] = [];
  let at = start;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (!text.startsWith('--', at)) return { flags, bodyStart: at };
    const end = endOfQuotedWord(text, at, text.length, escape);
    if (end - at === 2) {
      at = end;
      while (at < text.length && isSpace(text.charCodeAt(at))) at++;
      return { flags, bodyStart: at };
    }
    flags.push(flagAt(joined, at, end));
    at = end;
  }
}

function flagAt(joined: JoinedText, start: number, end: number): Flag {
  const { text } = joined;
  const equals = text.indexOf('=', start);
  const hasValue = equals !== -1 && equals < end;
  const nameEnd = hasValue ? equals : end;
  return {
    span: sourceSpan(joined, start, end),
    name: text.slice(start + 2, nameEnd),
    nameSpan: sourceSpan(joined, start, nameEnd),
    value: hasValue ? text.slice(equals + 1, end) : undefined,
    valueSpan: hasValue ? sourceSpan(joined, equals + 1, end) : undefined,
  };
}
