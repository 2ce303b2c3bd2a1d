/** The made images (tools/world/images/recipes.ts) served by a real registry, as a mirror for one engine. */
import { areImagesMade, imageNames } from '../../tools/world/images/make.ts';
import { type Registry, REGISTRY_STORAGE, startRegistry } from '../../tools/world/registry.ts';

/**
 * Starts a registry that has `busybox`, `debian:bookworm-slim`, `node:20-slim`, `node:22-slim`, `node:24-slim` … under
 * `library/`, for `--registry-mirror`. Nothing can be pushed to it: use startRegistry() of tools/world/registry.ts for
 * that. Throws when set-up has not made the images.
 */
export async function startMirror(): Promise<Registry> {
  if (!(await areImagesMade(imageNames()))) throw new Error("the test images are not made: run 'npm run setup'");
  return startRegistry({ storage: REGISTRY_STORAGE, readOnly: true });
}
