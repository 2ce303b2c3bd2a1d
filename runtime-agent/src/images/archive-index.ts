/** Which images an archive holds: docker's manifest.json, or an OCI layout's index.json. */
import { EngineError } from '#model/engine-api/errors.ts';
import { type Digest, digestAlgorithm, digestHex, isDigest } from '#model/oci/digest.ts';
import { type Descriptor, parseManifest } from '#model/oci/manifest.ts';
import { choosePlatform, type Platform } from '#model/oci/platform.ts';
import { parseReference } from '#model/oci/reference.ts';

export interface ArchivedImage {
  /** Paths in the archive. */
  readonly config: string;
  readonly layers: readonly string[];
  /** As the archive says them: `node:20`. */
  readonly tags: readonly string[];
  /** Id of the image that it was made from, as docker's manifest says it. */
  readonly parent?: string;
}

/** The text of a document of the archive, by its path. */
export type ReadDocument = (path: string) => string | undefined;

const NAME = 'io.containerd.image.name';
const REFERENCE = 'org.opencontainers.image.ref.name';

/** Throws EngineError('invalid') when the archive is not one of images. */
export function archivedImages(read: ReadDocument, platform: Platform): ArchivedImage[] {
  const docker = read('manifest.json');
  if (docker !== undefined) return dockerImages(docker);
  const oci = read('index.json');
  if (oci !== undefined) return ociImages(read, oci, platform);
  throw new EngineError(
    'invalid',
    'the archive has no manifest.json, index.json or repositories: is it one of docker save?',
  );
}

function dockerImages(text: string): ArchivedImage[] {
  const bad = (): EngineError => new EngineError('invalid', 'the manifest.json of the archive is malformed');
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string');
  const value = parse(text, bad);
  if (value === null) throw new EngineError('invalid', 'invalid manifest, manifest cannot be null (but can be [])');
  if (!Array.isArray(value)) throw bad();
  return value.map((one: unknown) => {
    const { Config, Layers, Parent, RepoTags } = (one ?? {}) as Record<string, unknown>;
    const layers = Layers ?? [];
    if (typeof Config !== 'string' || !isTexts(layers)) throw bad();
    const parent = typeof Parent === 'string' && isDigest(Parent) ? { parent: Parent } : {};
    const tags = isTexts(RepoTags) ? RepoTags : [];
    const untagged = tags.find((tag) => parseReference(tag).tag === undefined);
    if (untagged !== undefined) throw new EngineError('invalid', `invalid tag ${JSON.stringify(untagged)}`);
    return { config: Config, layers, tags, ...parent };
  });
}

function parse(text: string, bad: () => EngineError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad();
  }
}

const blobPath = (digest: Digest): string => `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;

/** Entries for the same image under several names become one. */
function ociImages(read: ReadDocument, text: string, platform: Platform): ArchivedImage[] {
  const index = parseManifest(text);
  if (index.kind !== 'index') throw new EngineError('invalid', 'the index.json of the archive is not an index');
  const byConfig = new Map<string, ArchivedImage>();
  for (const entry of index.manifests.filter((one) => !isAttestation(one))) {
    const image = ociImage(read, entry, platform);
    const tags = [...(byConfig.get(image.config)?.tags ?? []), ...nameOf(entry)];
    byConfig.set(image.config, { ...image, tags: [...new Set(tags)] });
  }
  return [...byConfig.values()];
}

/** BuildKit's provenance and bills of materials lie beside the images that they are of. */
function isAttestation({ platform, annotations = {} }: Descriptor): boolean {
  return annotations['vnd.docker.reference.type'] !== undefined || platform?.os === 'unknown';
}

function ociImage(read: ReadDocument, entry: Descriptor, platform: Platform): ArchivedImage {
  const document = read(blobPath(entry.digest));
  if (document === undefined) throw new EngineError('invalid', `the archive lacks ${blobPath(entry.digest)}`);
  const manifest = parseManifest(document, entry.mediaType);
  if (manifest.kind === 'image') {
    const layers = manifest.layers.map(({ digest }) => blobPath(digest));
    return { config: blobPath(manifest.config.digest), layers, tags: [] };
  }
  const { manifests } = manifest;
  const chosen = choosePlatform(manifests, platform) ?? manifests.find((one) => one.platform === undefined);
  if (chosen === undefined) throw new EngineError('not-found', 'the archive has no image for this platform');
  return ociImage(read, chosen, platform);
}

/** A full name where the archive has one; an OCI reference name alone is a name only when it has more than a tag. */
function nameOf({ annotations = {} }: Descriptor): string[] {
  const full = annotations[NAME];
  if (full !== undefined) return [full];
  const short = annotations[REFERENCE];
  return short !== undefined && /[/:]/.test(short) && !isDigest(short) ? [short] : [];
}
