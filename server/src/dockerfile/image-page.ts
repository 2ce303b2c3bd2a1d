import { DEFAULT_DOMAIN, parseReference } from '#model/oci/reference.ts';

/** The page that tells about an image, at the registries that have one; undefined for others and for invalid names. */
export function imagePage(name: string): string | undefined {
  if (name === 'scratch' || name.includes('$')) return undefined;
  try {
    const { domain, path } = parseReference(name);
    const [owner = '', ...rest] = path.split('/');
    if (domain === DEFAULT_DOMAIN) {
      // Docker Hub has no deeper names; a single one with a dot is a registry that is still being written.
      if (rest.length !== 1 || (owner === 'library' && path.includes('.') && !name.includes('/'))) return undefined;
      return owner === 'library' ? `https://hub.docker.com/_/${rest.join('/')}` : `https://hub.docker.com/r/${path}`;
    }
    if (domain === 'ghcr.io') return `https://github.com/${owner}/${rest[0] ?? ''}/pkgs/container/${rest.join('%2F')}`;
    if (domain === 'quay.io') return `https://quay.io/repository/${path}`;
    if (domain === 'mcr.microsoft.com') return `https://mcr.microsoft.com/artifact/mar/${path}/tags`;
    return undefined;
  } catch {
    return undefined;
  }
}
