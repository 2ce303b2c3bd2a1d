/** Where a build's Dockerfile and context come from, as its request says. */
import { openContext, type OpenContextOptions } from './context/open-context.ts';
import { type DockerfileSource, parseDockerfile, readDockerfile } from './dockerfile-source.ts';
import type { BuildRequest } from './request.ts';

/** @param stack where what arrives is let go of. Throws EngineError('invalid') in Docker's words. */
export async function openSource(
  request: Omit<BuildRequest, 'signal'>,
  stack: AsyncDisposableStack,
  options: OpenContextOptions,
): Promise<DockerfileSource> {
  const { files, dockerfile = 'Dockerfile', dockerfileFrom } = request;
  if (files === undefined) {
    const given = await dockerfileFrom?.dockerfile();
    return readDockerfile(stack.use(await openContext(request, options)), dockerfile, given, request);
  }
  const source = parseDockerfile(await files.dockerfile(), request);
  return {
    ...source,
    ignoreFile: () => files.ignoreFile(),
    async openContext(paths) {
      const { index, spool } = stack.use(await files.context(paths));
      return index.tree(spool);
    },
  };
}
