import { ignoresOf } from '#model/dockerfile/context-ignores.ts';
import type { Source } from '../language.ts';

/**
 * Does .dockerignore hide the path (of a COPY source) from the build? The context is taken to be the Dockerfile's own
 * folder, as it is for `docker build .`; `<Dockerfile>.dockerignore` goes before `.dockerignore`. Undefined: nothing is.
 */
export function contextIgnores({ path, files }: Source): ((path: string) => boolean) | undefined {
  if (path === undefined) return undefined;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return ignoresOf(files.read(`${path}.dockerignore`) ?? files.read(`${folder}.dockerignore`));
}
