/**
 * Patterns of `.dockerignore`, COPY and ADD: Go's filepath.Match (`*`, `?`, `[a-z]`, backslash), and `**` for any number of
 * folders. Matching takes time in proportion to pattern times text, whatever the pattern: they come from strangers.
 */

type Token =
  | { readonly kind: 'char'; readonly char: string }
  /** Any character but a slash. */
  | { readonly kind: 'one' }
  | { readonly kind: 'class'; readonly source: string; readonly regexp: RegExp }
  /** Any text; without `slash`, within one folder. */
  | { readonly kind: 'star'; readonly slash: boolean }
  /** Any number of whole folders, with the slash behind them; or none. */
  | { readonly kind: 'folders' };

/** Stars that a backtracking regular expression is trusted with: its time grows with the text to this power. */
const FEW_STARS = 2;

/** A test for whole texts. A pattern that is no valid one (`[`) matches nothing. */
export function compileGlob(pattern: string): (text: string) => boolean {
  const tokens = tokensOf(pattern);
  if (tokens === undefined) return () => false;
  const stars = tokens.filter(({ kind }) => kind === 'star' || kind === 'folders').length;
  if (stars > FEW_STARS) return (text) => simulate(tokens, text);
  const regexp = new RegExp(`^${tokens.map(sourceOf).join('')}$`, 'su');
  return (text) => regexp.test(text);
}

/** False for what Go's filepath.Match calls a bad pattern, such as `[`. */
export function isValidGlob(pattern: string): boolean {
  return tokensOf(pattern) !== undefined && !/(?:^|[^\\])(?:\\\\)*\\$/.test(pattern);
}

function tokensOf(pattern: string): Token[] | undefined {
  const tokens: Token[] = [];
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === '*' && chars[i + 1] === '*') {
      i++;
      if (chars[i + 1] === '/') i++;
      const last = i + 1 === chars.length;
      if (last) tokens.push({ kind: 'star', slash: true });
      else if (tokens.at(-1)?.kind !== 'folders') tokens.push({ kind: 'folders' });
    } else if (char === '*') tokens.push({ kind: 'star', slash: false });
    else if (char === '?') tokens.push({ kind: 'one' });
    else if (char === '\\' && i + 1 < chars.length) tokens.push({ kind: 'char', char: chars[++i] ?? '' });
    else if (char === '[') {
      const end = classEnd(chars, i);
      const token = end === undefined ? undefined : classToken(chars.slice(i, end + 1).join(''));
      if (end === undefined || token === undefined) return undefined;
      tokens.push(token);
      i = end;
    } else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

/** Of the class that starts there: where its bracket is closed; undefined when it is none to Go's path/filepath. */
function classEnd(chars: readonly string[], start: number): number | undefined {
  const from = start + (chars[start + 1] === '^' ? 2 : 1);
  let at = from;
  /** Reads one character of a range, escaped or not. */
  const one = (): boolean => {
    if (chars[at] === '-' || chars[at] === ']') return false;
    at += chars[at] === '\\' ? 2 : 1;
    return at < chars.length;
  };
  while (chars[at] !== ']' || at === from) {
    if (!one()) return undefined;
    if (chars[at] !== '-') continue;
    at++;
    if (!one()) return undefined;
  }
  return at;
}

function classToken(written: string): Token | undefined {
  const source = written.replaceAll(/(?<!\\)\[(?!\^?$)/g, (bracket, at: number) => (at === 0 ? bracket : '\\['));
  try {
    return { kind: 'class', source, regexp: new RegExp(`^${source}$`, 'su') };
  } catch {
    return undefined;
  }
}

function sourceOf(token: Token): string {
  switch (token.kind) {
    case 'char':
      return /[\\^$.*+?()[\]{}|/]/.test(token.char) ? `\\${token.char}` : token.char;
    case 'one':
      return '[^/]';
    case 'class':
      return token.source;
    case 'star':
      return token.slash ? '.*' : '[^/]*';
    case 'folders':
      return '(?:.*/)?';
  }
}

/**
 * All ways at once. State 2i is «before token i»; 2i + 1 is «inside the folders of token i».
 * Both are bits of one set per character read.
 */
function simulate(tokens: readonly Token[], text: string): boolean {
  let states = new Set<number>();
  enter(tokens, states, 0);
  for (const char of text) {
    const next = new Set<number>();
    for (const state of states) step(tokens, next, state, char);
    if (next.size === 0) return false;
    states = next;
  }
  return states.has(2 * tokens.length);
}

/** Adds «before token i», and what can be reached from there without reading. */
function enter(tokens: readonly Token[], states: Set<number>, i: number): void {
  if (states.has(2 * i)) return;
  states.add(2 * i);
  const token = tokens[i];
  if (token?.kind === 'star') enter(tokens, states, i + 1);
  if (token?.kind === 'folders') {
    states.add(2 * i + 1);
    enter(tokens, states, i + 1);
  }
}

function step(tokens: readonly Token[], next: Set<number>, state: number, char: string): void {
  const i = state >> 1;
  const token = tokens[i];
  switch (token?.kind) {
    case undefined:
      return;
    case 'char':
      if (char === token.char) enter(tokens, next, i + 1);
      return;
    case 'one':
      if (char !== '/') enter(tokens, next, i + 1);
      return;
    case 'class':
      if (token.regexp.test(char)) enter(tokens, next, i + 1);
      return;
    case 'star':
      if (token.slash || char !== '/') enter(tokens, next, i);
      return;
    case 'folders':
      if ((state & 1) === 0) return;
      next.add(state);
      if (char === '/') enter(tokens, next, i + 1);
  }
}
