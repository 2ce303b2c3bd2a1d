/**
 * `.dockerignore`: patterns of Docker's patternmatcher. `**` is any number of folders, `!` takes files back in, the last
 * pattern that matches decides, and what is true of a folder is true of what is in it.
 */
import { compileGlob, isValidGlob } from './glob.ts';

interface Pattern {
  readonly exclude: boolean;
  readonly matches: (path: string) => boolean;
  /** Cleaned, without `!`. */
  readonly text: string;
}

export interface IgnorePatterns {
  readonly isEmpty: boolean;
  /** @param path relative to the context's root, with slashes and no leading one */
  ignores(path: string): boolean;
  /**
   * The same as BuildKit decides it for `--exclude`, folder by folder: a pattern with `!` that was not asked about a folder,
   * because nothing had left it out, takes nothing back in below it.
   */
  ignoresOnWalk(path: string): boolean;
  /** False when no pattern can take back in what is below an ignored folder: the folder need not be walked. */
  mayReinclude(folder: string): boolean;
}

/** Throws nothing: a pattern that is no valid one (`[`) matches nothing. */
export function parseIgnoreFile(text: string): IgnorePatterns {
  return ignorePatterns(linesOf(text));
}

function linesOf(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Why Docker refuses the file, in its words; undefined when it does not. */
export function ignoreFileError(text: string): string | undefined {
  for (const line of linesOf(text)) {
    if (line === '!') return 'illegal exclusion pattern: "!"';
    if (!isValidGlob(line.replace(/^!/, '').trim())) return `syntax error in pattern: ${line}`;
  }
  return undefined;
}

export function ignorePatterns(lines: readonly string[]): IgnorePatterns {
  const patterns = lines.map(readPattern).filter((pattern) => pattern !== undefined);
  const decide = (path: string): boolean => {
    let ignored = false;
    for (const { exclude, matches } of patterns)
      if (exclude !== ignored && matchesSelfOrParent(matches, path)) ignored = exclude;
    return ignored;
  };
  const walk = (path: string): { readonly ignored: boolean; readonly matched: readonly boolean[] } => {
    const slash = path.lastIndexOf('/');
    const above = slash > 0 ? walk(path.slice(0, slash)).matched : [];
    let ignored = false;
    const matched = patterns.map(({ exclude, matches }, i) => {
      const isMatch = above[i] === true || (exclude !== ignored && matches(path));
      if (isMatch) ignored = exclude;
      return isMatch;
    });
    return { ignored, matched };
  };
  return {
    isEmpty: patterns.length === 0,
    ignores: decide,
    ignoresOnWalk: (path) => walk(path).ignored,
    mayReinclude: (folder) => patterns.some((pattern) => !pattern.exclude && reaches(pattern.text, folder)),
  };
}

function matchesSelfOrParent(matches: (path: string) => boolean, path: string): boolean {
  if (matches(path)) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (matches(path.slice(0, slash))) return true;
  }
  return false;
}

/** Can the pattern match something below the folder? Judged by its parts before the first wildcard. */
function reaches(pattern: string, folder: string): boolean {
  const wildcard = pattern.search(/[*?[\\]/);
  const fixed = wildcard === -1 ? `${pattern}/` : pattern.slice(0, wildcard);
  return fixed.startsWith(`${folder}/`) || `${folder}/`.startsWith(fixed);
}

function readPattern(line: string): Pattern | undefined {
  const exclude = !line.startsWith('!');
  const cleaned = cleanPath((exclude ? line : line.slice(1)).trim());
  const text = cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned;
  if (text === '.' || text === '') return undefined;
  return { exclude, text, matches: compileGlob(text) };
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
