/**
 * Shell patterns of variable modifiers: `*` any text, `?` one character, a backslash makes `*`, `?`, `\`, `/` and `}` literal.
 * BuildKit makes Go's regular expressions of them, in which neither matches the end of a line.
 */

type Token = { readonly kind: 'any' } | { readonly kind: 'one' } | { readonly kind: 'char'; readonly char: string };

export interface ShellPattern {
  readonly tokens: readonly Token[];
  /** What is escaped that must not be; '' for a backslash at the end. */
  readonly wrongEscape?: string;
}

export function parsePattern(pattern: string): ShellPattern {
  const tokens: Token[] = [];
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    let char = chars[i] ?? '';
    if (char === '\\') {
      char = chars[++i] ?? '';
      if (char === '' || !'*?\\/}'.includes(char)) return { tokens, wrongEscape: char };
      tokens.push({ kind: 'char', char });
    } else if (char === '*') tokens.push({ kind: 'any' });
    else tokens.push(char === '?' ? { kind: 'one' } : { kind: 'char', char });
  }
  return { tokens };
}

/** Ends (exclusive) of all matches that start at `start`, ascending: one pass per token, so never exponential. */
function matchEnds(tokens: readonly Token[], text: readonly string[], start: number): number[] {
  let positions = new Set([start]);
  for (const token of tokens) {
    const next = new Set<number>();
    if (token.kind === 'any') {
      for (const from of positions) {
        for (let at = from; !next.has(at); at++) {
          next.add(at);
          if (at >= text.length || text[at] === '\n') break;
        }
      }
    } else {
      for (const at of positions) {
        const isSame = token.kind === 'one' ? text[at] !== '\n' : text[at] === token.char;
        if (at < text.length && isSame) next.add(at + 1);
      }
    }
    positions = next;
  }
  return [...positions].sort((a, b) => a - b);
}

/** `${value#pattern}`, or `##` with `longest`. */
export function removePrefix(value: string, { tokens }: ShellPattern, longest: boolean): string {
  const text = [...value];
  const end = matchEnds(tokens, text, 0).at(longest ? -1 : 0);
  return end === undefined ? value : text.slice(end).join('');
}

/** What matches the same, read from its end. */
export function reversePattern(pattern: string): string {
  return (pattern.match(/\\?./gsu) ?? []).reverse().join('');
}

/** `${value%pattern}`, or `%%` with `longest`. @param reversed the pattern, as reversePattern has it */
export function removeSuffix(value: string, reversed: ShellPattern, longest: boolean): string {
  const rest = removePrefix([...value].reverse().join(''), reversed, longest);
  return [...rest].reverse().join('');
}

/** `${value/pattern/replacement}`: the first match from the left, the longest there. */
export function replaceFirst(value: string, { tokens }: ShellPattern, replacement: string): string {
  const text = [...value];
  for (let at = 0; at <= text.length; at++) {
    const end = matchEnds(tokens, text, at).at(-1);
    if (end !== undefined) return text.slice(0, at).join('') + replacement + text.slice(end).join('');
  }
  return value;
}

/** `${value//pattern/replacement}`: all of them, also of nothing, with what Go makes of `$` in the replacement. */
export function replaceAll(value: string, { tokens }: ShellPattern, replacement: string): string {
  const text = [...value];
  let result = '';
  let last = 0;
  for (let at = 0; at <= text.length; ) {
    const end = matchEnds(tokens, text, at).at(-1);
    if (end === undefined) {
      at++;
      continue;
    }
    result += text.slice(last, at).join('');
    // Not for nothing right behind another match.
    if (end > last || at === 0) result += expandTemplate(replacement, text.slice(at, end).join(''));
    last = end;
    at = Math.max(end, at + 1);
  }
  return result + text.slice(last).join('');
}

/** Go's regexp.Expand where there are no groups: `$0` is the match, any other name nothing, `$$` a dollar. */
function expandTemplate(template: string, match: string): string {
  return template.replaceAll(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (written, plain, braced) => {
    if (written === '$$') return '$';
    return (plain ?? braced) === '0' ? match : '';
  });
}
