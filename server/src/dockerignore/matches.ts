import { ignorePatterns } from '#model/dockerfile/ignore-file.ts';
import { isValidGlob } from '#model/dockerfile/glob.ts';
import type { IgnoreDocument, IgnoreLine } from './document.ts';

/** The paths of the context that the line's pattern itself matches; what is below a folder goes with it. */
export function matchesOf({ context }: IgnoreDocument, { pattern }: IgnoreLine): readonly string[] {
  const one = ignorePatterns([pattern.replace(/^!+/, '')]);
  const found: string[] = [];
  for (const path of context?.paths ?? []) {
    const isBelow = found.some((folder) => folder.endsWith('/') && path.startsWith(folder));
    if (!isBelow && one.ignores(path.replace(/\/$/, ''))) found.push(path);
  }
  return found;
}

/** What a negated pattern takes back: of what it matches, that which the patterns before it ignore. */
export function takenBack(document: IgnoreDocument, line: IgnoreLine): readonly string[] {
  const before = document.patternsBefore(line);
  const one = ignorePatterns([line.pattern]);
  return (document.context?.paths ?? []).filter((path) => {
    const bare = path.replace(/\/$/, '');
    return one.ignores(bare) && before.ignores(bare);
  });
}

/** Docker refuses a build whose `.dockerignore` has a pattern that is none. */
export function isInvalid({ pattern, negated }: IgnoreLine): boolean {
  return !isValidGlob(pattern) || (negated && pattern === '');
}
