/** Content digests: `sha256:` and 64 lower-case hex digits (OCI image-spec descriptor.md, "Digests"). */
import { EngineError } from '../engine-api/errors.ts';

export type Digest = `sha256:${string}`;

const SHA256 = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return SHA256.test(text);
}

/** Throws EngineError('invalid') in Docker's words; other algorithms than sha256 are refused too. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const algorithm = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):[a-zA-Z0-9=_-]+$/.exec(text)?.[1];
  if (algorithm !== undefined && algorithm !== 'sha256')
    throw new EngineError('invalid', 'unsupported digest algorithm');
  throw new EngineError(
    'invalid',
    algorithm === undefined ? 'invalid checksum digest format' : 'invalid checksum digest length',
  );
}

/** The hex digits alone: file names, and the id that clients show. */
export function digestHex(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The 12 digits by which Docker shows images and layers. */
export function shortId(digest: string): string {
  return digestHex(digest).slice(0, 12);
}
