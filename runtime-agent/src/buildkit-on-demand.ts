/** BuildKit's API: its code is read when a client first speaks to it, for most hosts of containers never build. */
import type { BuildKit, BuildKitDeps } from './buildkit/buildkit.ts';

/** @param made where it is let go of, if it came to be */
export function buildKitOnDemand(deps: BuildKitDeps, made: AsyncDisposableStack): () => Promise<BuildKit> {
  let loading: Promise<BuildKit> | undefined;
  const load = async (): Promise<BuildKit> => {
    const { createBuildKit } = await import('./buildkit/buildkit.ts');
    return createBuildKit(deps);
  };
  made.defer(async () => (await loading)?.[Symbol.asyncDispose]());
  return () => (loading ??= load());
}
