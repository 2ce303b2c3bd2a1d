/**
 * Content digests: `sha256:` and 64 lower-case hex digits, or one of its longer kin (OCI image-spec descriptor.md, "Digests").
 * What is made here is always named by sha256.
 */
export type Digest = `${DigestAlgorithm}:${string}`;
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** As node:crypto names it, too. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm;
}

/** The hex digits alone: file names, and the id that clients show. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The 12 digits by which Docker shows images and layers. */
export function shortId(digest: string): string {
  return digestHex(digest).slice(0, 12);
}
