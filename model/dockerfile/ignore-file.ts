/**
 * `.dockerignore`: patterns of Docker's patternmatcher. `**` is any number of folders, `!` takes files back in, the last
 * pattern that matches decides, and what is true of a folder is true of what is in it.
 */

interface Pattern {
  readonly exclude: boolean;
  readonly regexp: RegExp;
  /** Cleaned, without `!`. */
  readonly text: string;
}

export interface IgnorePatterns {
  readonly isEmpty: boolean;
  /** @param path relative to the context's root, with slashes and no leading one */
  ignores(path: string): boolean;
  /** False when no pattern can take back in what is below an ignored folder: the folder need not be walked. */
  mayReinclude(folder: string): boolean;
}

/** Throws nothing: a pattern that is no valid one (`[`) matches nothing. */
export function parseIgnoreFile(text: string): IgnorePatterns {
  return ignorePatterns(
    text
      .replace(/^\uFEFF/, '')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

export function ignorePatterns(lines: readonly string[]): IgnorePatterns {
  const patterns = lines.map(readPattern).filter((pattern) => pattern !== undefined);
  const decide = (path: string): boolean => {
    let ignored = false;
    for (const { exclude, regexp } of patterns)
      if (exclude !== ignored && matchesSelfOrParent(regexp, path)) ignored = exclude;
    return ignored;
  };
  return {
    isEmpty: patterns.length === 0,
    ignores: decide,
    mayReinclude: (folder) => patterns.some((pattern) => !pattern.exclude && reaches(pattern.text, folder)),
  };
}

function matchesSelfOrParent(regexp: RegExp, path: string): boolean {
  if (regexp.test(path)) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (regexp.test(path.slice(0, slash))) return true;
  }
  return false;
}

/** Can the pattern match something below the folder? Judged by its parts before the first wildcard. */
function reaches(pattern: string, folder: string): boolean {
  const fixed = pattern.slice(0, pattern.search(/[*?[\\]|$/));
  return fixed.startsWith(`${folder}/`) || `${folder}/`.startsWith(fixed);
}

function readPattern(line: string): Pattern | undefined {
  const exclude = !line.startsWith('!');
  const cleaned = cleanPath((exclude ? line : line.slice(1)).trim());
  const text = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
  if (text === '.' || text === '') return undefined;
  try {
    return { exclude, text, regexp: new RegExp(`^${globSource(text)}$`, 'su') };
  } catch {
    return undefined;
  }
}

/** Go's filepath.Clean. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  const rooted = path.startsWith('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push(part);
  }
  return (rooted ? '/' : '') + (parts.join('/') || (rooted ? '' : '.'));
}

/** The pattern as a regular expression's source: Go's filepath.Match, and `**`. */
export function globSource(pattern: string): string {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? '';
    if (char === '*' && pattern[i + 1] === '*') {
      i++;
      if (pattern[i + 1] === '/') i++;
      source += i + 1 === pattern.length ? '.*' : '(?:.*/)?';
    } else if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '\\' && i + 1 < pattern.length) source += quote(pattern[++i] ?? '');
    else if (char === '[') {
      const end = classEnd(pattern, i);
      if (end === undefined) return '(?!)'; // an unclosed class matches nothing
      source += pattern.slice(i, end + 1).replaceAll(/&&|--|~~/g, '\\$&');
      i = end;
    } else source += quote(char);
  }
  return source;
}

function classEnd(pattern: string, start: number): number | undefined {
  let at = start + 1;
  if (pattern[at] === '^') at++;
  if (pattern[at] === ']') return undefined;
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1;
  return at < pattern.length ? at : undefined;
}

function quote(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
