import { parseIgnoreFile } from '#model/dockerfile/ignore-file.ts';
import type { Source } from '../language.ts';

const WILDCARD = /[*?[]/;

/**
 * Does .dockerignore hide the path (of a COPY source) from the build? The context is taken to be the Dockerfile's own
 * folder, as it is for `docker build .`; `<Dockerfile>.dockerignore` goes before `.dockerignore`. Undefined: nothing is.
 */
export function contextIgnores({ path, files }: Source): ((path: string) => boolean) | undefined {
  if (path === undefined) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const text = files.read(`${path}.dockerignore`) ?? files.read(`${folder}.dockerignore`);
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
