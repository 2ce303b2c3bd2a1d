import { createHash } from 'node:crypto';
import type { Digest } from '#model/oci/digest.ts';

export function sha256(bytes: string | Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
