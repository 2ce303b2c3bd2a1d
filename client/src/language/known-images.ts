/** Names and tags of images for completion: what the active host has, as last seen. */
import type { ImageSummary } from '#model/engine-api/types.ts';

/**
 * @param prefix up to the last `/`, or up to the `:` of the image whose tags are wanted; empty for all
 * @returns names with tags, `node:24`; those used last by the engine's order come first
 */
export function knownImages(images: readonly ImageSummary[], prefix: string): string[] {
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== '<none>:<none>');
  return [...new Set(names)].filter((name) => name.startsWith(prefix));
}
