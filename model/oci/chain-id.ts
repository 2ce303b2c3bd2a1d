/** Chain ids name a stack of layers (OCI image-spec config.md, "Layer ChainID"). */

/**
 * @param parent chain id of the layers below, undefined for the first layer
 * @param sha256 gives `sha256:…` of a text (model/ does no hashing of its own)
 */
export function chainId(parent: string | undefined, diffId: string, sha256: (text: string) => string): string {
  return parent === undefined ? diffId : sha256(`${parent} ${diffId}`);
}

/** The chain id of every prefix of `diffIds`, bottom first. */
export function chainIds(diffIds: readonly string[], sha256: (text: string) => string): string[] {
  const ids: string[] = [];
  for (const diffId of diffIds) ids.push(chainId(ids.at(-1), diffId, sha256));
  return ids;
}
