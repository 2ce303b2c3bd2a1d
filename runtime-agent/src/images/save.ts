/** `docker save`: a docker archive that is an OCI image layout as well, as Docker 28 writes it. */
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { type Digest, digestHex } from '#model/oci/digest.ts';
import { type Descriptor, MEDIA_TYPES } from '#model/oci/manifest.ts';
import { formatPlatform, type Platform, isPlatform } from '#model/oci/platform.ts';
import {
  canonicalReference,
  familiarName,
  familiarReference,
  type ImageReference,
  parseReference,
} from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { plainHeader, tarEnd, tarPadding } from '../snapshots/tar-writer.ts';
import type { Image } from './images.ts';
import type { ImageIndex } from './image-index.ts';
import { sha256 } from './sha256.ts';

export interface SaveDependencies {
  readonly content: Content;
  readonly snapshots: Pick<SnapshotStore, 'tar' | 'find'>;
  readonly index: ImageIndex;
  readonly hold: (chainIds: readonly string[]) => Disposable;
}

/** An image with the tags under which it was asked for. */
interface Chosen {
  readonly image: Image;
  readonly tags: readonly ImageReference[];
}

export interface SaveRequest {
  /** Tags, repositories (all their tags) or ids (no tags). */
  readonly names: readonly string[];
  /** Each image has to be for one of them; for any when empty. */
  readonly platforms: readonly Platform[];
  readonly signal: AbortSignal;
}

/** Throws EngineError before any byte: 'not-found', and 'internal' where dockerd, too, has no better status. */
export function saveImages(dependencies: SaveDependencies, { names, platforms, signal }: SaveRequest): Readable {
  const chosen = chosenImages(dependencies.index, names);
  for (const { image } of platforms.length === 0 ? [] : chosen) {
    if (platforms.some((platform) => isPlatform(image.config, platform))) continue;
    const asked = platforms.map(formatPlatform).join(', ');
    throw new EngineError('internal', `no suitable export target found for platform ${asked}`);
  }
  return Readable.from(archive(dependencies, chosen, signal), { objectMode: false });
}

function chosenImages(index: ImageIndex, names: readonly string[]): Chosen[] {
  try {
    return chooseImages(index, names);
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'invalid') throw error;
    throw new EngineError('internal', error.message, { cause: error });
  }
}

function chooseImages(index: ImageIndex, names: readonly string[]): Chosen[] {
  const chosen = new Map<string, Set<string>>();
  const choose = (id: string, tag?: string): void => {
    const tags = chosen.get(id) ?? new Set();
    if (tag !== undefined) tags.add(tag);
    chosen.set(id, tags);
  };
  for (const name of names) {
    const image = /^(sha256:)?[0-9a-f]{64}$/.test(name) ? index.resolve(name) : index.find(name);
    const reference = image?.id.includes(name) ? undefined : parseReference(name);
    if (reference?.tag === undefined && reference?.digest === undefined && reference !== undefined) {
      const all = index.list().flatMap(({ id }) => index.names(id).map((text) => ({ id, one: parseReference(text) })));
      const same = all.filter(({ one }) => one.digest === undefined && familiarName(one) === familiarName(reference));
      if (same.length === 0) throw new EngineError('not-found', `No such image: ${name}`);
      for (const { id, one } of same) choose(id, canonicalReference(one));
    } else if (image === undefined) throw new EngineError('not-found', `reference does not exist: ${name}`);
    else choose(image.id, reference?.tag === undefined ? undefined : canonicalReference(reference));
  }
  return [...chosen].map(([id, tags]) => ({
    image: index.resolve(id),
    tags: [...tags].map((tag) => parseReference(tag)),
  }));
}

async function* archive(
  dependencies: SaveDependencies,
  chosen: readonly Chosen[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  using _held = dependencies.hold(chosen.flatMap(({ image }) => image.chainIds));
  const written = new Set<string>();
  const descriptors: Descriptor[] = [];
  yield plainHeader({ name: 'blobs/', type: '5', size: 0 });
  yield plainHeader({ name: 'blobs/sha256/', type: '5', size: 0 });
  for (const { image, tags } of chosen) {
    const modified = new Date(image.config.created ?? 0);
    const manifest = await manifestOf(dependencies, image);
    const blobs = [...(await configAndManifest(dependencies, image, manifest)), ...layersOf(dependencies, image)];
    for (const { digest, size, open } of blobs) {
      if (written.has(digest)) continue;
      written.add(digest);
      yield* entry(blobPath(digest), size, await open(), signal, modified);
    }
    descriptors.push(...indexEntries(manifest, tags));
  }
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: descriptors };
  yield* document('index.json', index);
  yield* document(
    'manifest.json',
    chosen.map((one) => manifestEntry(dependencies, one, chosen)),
  );
  yield* document('oci-layout', { imageLayoutVersion: '1.0.0' });
  const old = repositories(chosen);
  if (Object.keys(old).length > 0) yield* document('repositories', old);
  yield tarEnd();
}

const blobPath = (digest: string): string => `blobs/sha256/${digestHex(digest)}`;

interface Blob {
  readonly digest: string;
  readonly size: number;
  readonly open: () => Promise<AsyncIterable<Buffer>>;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function layersOf({ snapshots }: SaveDependencies, image: Image): Blob[] {
  return image.chainIds.map((chainId, i) => ({
    digest: image.config.rootfs.diff_ids[i] as string,
    size: snapshots.find(chainId)?.tarSize ?? 0,
    open: () => snapshots.tar(chainId) as Promise<AsyncIterable<Buffer>>,
  }));
}

async function configAndManifest({ content }: SaveDependencies, image: Image, manifest: Buffer): Promise<Blob[]> {
  const config = await content.read(image.id as Digest);
  return [
    { digest: image.id, size: config.length, open: async () => once(config) },
    { digest: sha256(manifest), size: manifest.length, open: async () => once(manifest) },
  ];
}

/** Layers are named as they are in the archive: uncompressed. */
async function manifestOf({ content, snapshots }: SaveDependencies, image: Image): Promise<Buffer> {
  const layers = image.chainIds.map((chainId, i) => ({
    mediaType: MEDIA_TYPES.ociLayer,
    digest: image.config.rootfs.diff_ids[i],
    size: snapshots.find(chainId)?.tarSize ?? 0,
  }));
  const config = { mediaType: MEDIA_TYPES.ociConfig, digest: image.id, size: content.size(image.id as Digest) ?? 0 };
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers }));
}

function indexEntries(manifest: Buffer, tags: readonly ImageReference[]): Descriptor[] {
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest: sha256(manifest), size: manifest.length };
  if (tags.length === 0) return [descriptor];
  return tags.map((tag) => {
    const named = {
      'io.containerd.image.name': canonicalReference(tag),
      'org.opencontainers.image.ref.name': tag.tag ?? '',
    };
    return { ...descriptor, annotations: named };
  });
}

/** The parent is told where it is in the archive, too. */
function manifestEntry({ snapshots }: SaveDependencies, { image, tags }: Chosen, all: readonly Chosen[]): object {
  const parent = all.find((one) => one.image.id === image.parent)?.image.id;
  const diffIds = image.config.rootfs.diff_ids;
  const source = (digest: string, i: number): [string, object] => {
    const size = snapshots.find(image.chainIds[i] as string)?.tarSize ?? 0;
    return [digest, { mediaType: MEDIA_TYPES.ociLayer, size, digest }];
  };
  return {
    Config: blobPath(image.id),
    RepoTags: tags.length === 0 ? null : tags.map(familiarReference),
    Layers: diffIds.map(blobPath),
    ...(parent === undefined ? {} : { Parent: parent }),
    LayerSources: Object.fromEntries(diffIds.map(source)),
  };
}

/** What loaders before Docker 1.10 read. */
function repositories(chosen: readonly Chosen[]): Record<string, Record<string, string>> {
  const all: Record<string, Record<string, string>> = {};
  for (const { image, tags } of chosen) {
    const top = image.config.rootfs.diff_ids.at(-1);
    for (const tag of top === undefined ? [] : tags)
      (all[familiarName(tag)] ??= {})[tag.tag ?? ''] = digestHex(top ?? '');
  }
  return all;
}

function document(name: string, value: unknown): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  return entry(name, bytes.length, once(bytes), new AbortController().signal, new Date(0));
}

async function* entry(
  name: string,
  size: number,
  data: AsyncIterable<Buffer>,
  signal: AbortSignal,
  modified: Date,
): AsyncGenerator<Buffer> {
  yield plainHeader({ name, size, modified });
  let sent = 0;
  for await (const chunk of data) {
    signal.throwIfAborted();
    sent += chunk.length;
    yield chunk;
  }
  if (sent !== size) throw new EngineError('internal', `${name} has ${sent} bytes instead of ${size}`);
  yield tarPadding(size);
}
