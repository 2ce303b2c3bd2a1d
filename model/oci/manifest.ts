/** Image manifests and indexes, Docker's (schema 2) and OCI's, validated where they enter (image-spec manifest.md). */
import { EngineError } from '../engine-api/errors.ts';
import { type Digest, isDigest } from './digest.ts';
import type { Platform } from './platform.ts';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly urls?: readonly string[];
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Bottom first. */
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}

export type Manifest = ImageManifest | ImageIndex;

export const MEDIA_TYPES = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

const INDEXES: readonly string[] = [MEDIA_TYPES.dockerList, MEDIA_TYPES.ociIndex];
const KNOWN: readonly string[] = [...INDEXES, MEDIA_TYPES.dockerManifest, MEDIA_TYPES.ociManifest];
/** Manifests of another kind, such as `application/vnd.oci.artifact.manifest.v1+json`. */
const OTHER = /^application\/vnd\..*manifest/;
const SCHEMA1 = /application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)/;

/** As dockerd says it. */
export function schema1Removed(name: string): string {
  return (
    'Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. ' +
    `Suggest the author of ${name} to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2. ` +
    'More information at https://docs.docker.com/go/deprecated-image-specs/'
  );
}

const bad = (what: string): EngineError => new EngineError('invalid', `invalid image manifest: ${what}`);

/**
 * @param text the manifest's bytes as text @param contentType the registry's Content-Type, when there is one
 * Throws EngineError('invalid') for anything that is not a manifest, 'not-implemented' for schema 1.
 */
export function parseManifest(text: string, contentType = ''): Manifest {
  const value = parseObject(text);
  if (SCHEMA1.test(contentType) || value['schemaVersion'] === 1) {
    throw new EngineError('not-implemented', schema1Removed('the image'));
  }
  const sent = contentType.split(';')[0]?.trim() ?? '';
  const named = typeof value['mediaType'] === 'string' ? value['mediaType'] : sent;
  if (value['schemaVersion'] !== 2)
    throw bad(OTHER.test(named) ? `${named} is not supported` : 'schemaVersion is not 2');
  if (KNOWN.includes(sent) && named !== sent) throw bad(`its mediaType is ${named}, and the registry says ${sent}`);
  const isNamed = KNOWN.includes(named);
  const isIndex = isNamed ? INDEXES.includes(named) : isSome(value['manifests']) && !isSome(value['layers']);
  // Who takes it for the one must not see another thing than who takes it for the other (CVE-2021-41190).
  const alien = isIndex ? ['config', 'layers'] : ['manifests'];
  if (alien.some((name) => isSome(value[name]))) throw bad('it is an image and an index at once');
  if (isIndex) {
    const manifests = array(value['manifests'], 'manifests').map((entry, i) => descriptor(entry, `manifests[${i}]`));
    return { kind: 'index', mediaType: named || MEDIA_TYPES.ociIndex, manifests };
  }
  const config = descriptor(value['config'], 'config');
  const layers = array(value['layers'], 'layers').map((entry, i) => descriptor(entry, `layers[${i}]`));
  return { kind: 'image', mediaType: named || MEDIA_TYPES.ociManifest, config, layers };
}

const isSome = (value: unknown): boolean => value !== undefined && value !== null;

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EngineError('invalid', 'invalid image manifest: not JSON', { cause: error });
  }
  return object(value, 'the document');
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${what} is not an object`);
  return value as Record<string, unknown>;
}

/** Go writes empty lists as null. */
function array(value: unknown, what: string): unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw bad(`${what} is not a list`);
  return value;
}

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size, urls, platform, annotations } = object(value, what);
  if (typeof mediaType !== 'string') throw bad(`${what}.mediaType is missing`);
  if (typeof digest !== 'string' || !isDigest(digest)) throw bad(`${what}.digest is not a digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw bad(`${what}.size is not a size`);
  return {
    mediaType,
    digest,
    size,
    ...(Array.isArray(urls) ? { urls: urls.filter((url) => typeof url === 'string') } : {}),
    ...(platform === undefined ? {} : { platform: platformOf(platform, `${what}.platform`) }),
    ...(annotations === undefined ? {} : { annotations: strings(annotations, `${what}.annotations`) }),
  };
}

function platformOf(value: unknown, what: string): Platform {
  const { os, architecture, variant } = object(value, what);
  if (typeof os !== 'string' || typeof architecture !== 'string') throw bad(`${what} has no os and architecture`);
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' ? { variant } : {}) };
}

function strings(value: unknown, what: string): Record<string, string> {
  const entries = Object.entries(object(value, what));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
