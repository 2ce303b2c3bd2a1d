/** Content digests: `sha256:` and 64 lower-case hex digits (OCI image-spec descriptor.md, "Digests"). */
export type Digest = `sha256:${string}`;

const SHA256 = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return SHA256.test(text);
}

/** The hex digits alone: file names, and the id that clients show. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The 12 digits by which Docker shows images and layers. */
export function shortId(digest: string): string {
  return digestHex(digest).slice(0, 12);
}
