/** `GET /distribution/{name}/json`: what a registry says of a reference, without pulling it. */
import { EngineError } from '#model/engine-api/errors.ts';
import { MEDIA_TYPES } from '#model/oci/manifest.ts';
import { parseImageConfig } from '#model/oci/image-config-parse.ts';
import type { Platform } from '#model/oci/platform.ts';
import { parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { RegistryCredentials } from '../registry/credentials.ts';
import type { Registry } from '../registry/registry.ts';
import { readBody } from '../registry/transport.ts';

export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  /** null where the registry does not say, as in Docker. */
  readonly Platforms: readonly Platform[] | null;
}

/** Throws EngineError as pulling does. */
export async function inspectDistribution(
  registry: Registry,
  name: string,
  credentials: RegistryCredentials,
  signal: AbortSignal,
): Promise<DistributionInspect> {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(name)) throw new EngineError('internal', 'no manifest found for full image ID');
  const reference = withDefaultTag(parseReference(name));
  const { manifest, digest, bytes, repository } = await registry
    .find(reference, credentials, signal)
    .catch((error: unknown) => Promise.reject(connectionError(error)));
  const Descriptor = { mediaType: manifest.mediaType, digest, size: bytes.length };
  if (manifest.kind === 'index') {
    const platforms = manifest.manifests.flatMap(({ platform }) => platform ?? []);
    return { Descriptor, Platforms: platforms.length === 0 ? null : platforms };
  }
  const isImage = [MEDIA_TYPES.dockerConfig, MEDIA_TYPES.ociConfig].some((type) => type === manifest.config.mediaType);
  if (!isImage) return { Descriptor, Platforms: null };
  const { stream } = await repository.blob(manifest.config.digest, 0, signal);
  const config = parseImageConfig((await readBody(stream, manifest.config.size)).toString());
  const { architecture, os, variant } = config;
  return { Descriptor, Platforms: [{ architecture, os, ...(variant === undefined ? {} : { variant }) }] };
}

/** 500 as in Docker, where the registry could not be asked. */
function connectionError(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code !== 'unavailable') return error;
  return new EngineError('internal', error.message, { cause: error });
}
