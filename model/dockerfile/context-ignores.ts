import { parseIgnoreFile } from './ignore-file.ts';

const WILDCARD = /[*?[]/;

/**
 * Does the .dockerignore of that text hide the path (of a COPY source) from the build? Undefined: nothing is hidden.
 */
export function ignoresOf(text: string | undefined): ((path: string) => boolean) | undefined {
  if (text === undefined) return undefined;
  const patterns = parseIgnoreFile(text);
  if (patterns.isEmpty) return undefined;
  const takesBack = /^\s*!/m.test(text);
  return (source) => {
    if (source === '') return false;
    // What a pattern of COPY finds may be taken back in by a `!` line: only names can be judged then.
    if (takesBack && (WILDCARD.test(source) || patterns.mayReinclude(source))) return false;
    return patterns.ignores(source);
  };
}
