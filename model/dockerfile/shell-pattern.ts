/** Shell patterns of variable modifiers: `*` any text, `?` one character, a backslash makes the next one literal. */

type Token = { readonly kind: 'any' } | { readonly kind: 'one' } | { readonly kind: 'char'; readonly char: string };

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '*') tokens.push({ kind: 'any' });
    else if (char === '?') tokens.push({ kind: 'one' });
    else if (char === '\\' && i + 1 < pattern.length) tokens.push({ kind: 'char', char: pattern[++i] ?? '' });
    else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

/** Ends (exclusive) of all matches that start at `start`, ascending: one pass per token, so never exponential. */
function matchEnds(tokens: readonly Token[], text: string, start: number): number[] {
  let positions = new Set([start]);
  for (const token of tokens) {
    const next = new Set<number>();
    if (token.kind === 'any') {
      const first = Math.min(...positions);
      for (let at = first; at <= text.length && positions.size > 0; at++) next.add(at);
    } else {
      for (const at of positions) {
        if (at < text.length && (token.kind === 'one' || text[at] === token.char)) next.add(at + 1);
      }
    }
    positions = next;
  }
  return [...positions].sort((a, b) => a - b);
}

/** `${value#pattern}`, or `##` with `longest`. */
export function removePrefix(value: string, pattern: string, longest: boolean): string {
  const end = matchEnds(tokensOf(pattern), value, 0).at(longest ? -1 : 0);
  return end === undefined ? value : value.slice(end);
}

/** `${value%pattern}`, or `%%` with `longest`. */
export function removeSuffix(value: string, pattern: string, longest: boolean): string {
  const tokens = tokensOf(pattern);
  for (let i = 0; i <= value.length; i++) {
    const start = longest ? i : value.length - i;
    if (matchEnds(tokens, value, start).at(-1) === value.length) return value.slice(0, start);
  }
  return value;
}

/** `${value/pattern/replacement}`: the first match from the left, the longest there; all of them with `//`. */
export function replacePattern(value: string, pattern: string, replacement: string, all: boolean): string {
  const tokens = tokensOf(pattern);
  if (tokens.length === 0) return value;
  let result = '';
  let at = 0;
  while (at < value.length) {
    const end = matchEnds(tokens, value, at).at(-1);
    if (end === undefined || end === at) result += value[at++];
    else {
      result += replacement;
      at = end;
      if (!all) break;
    }
  }
  return result + value.slice(at);
}
