/** `docker load`: layers are unpacked while the archive streams in; nothing is spooled. */
import path from 'node:path';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '#model/engine-api/errors.ts';
import { layerProgress, type ProgressMessage } from '#model/engine-api/progress.ts';
import { chainIds } from '#model/oci/chain-id.ts';
import { shortId } from '#model/oci/digest.ts';
import { parseImageConfig } from '#model/oci/image-config-parse.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import { formatPlatform, type Platform, isPlatform } from '#model/oci/platform.ts';
import { familiarReference, type ImageReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { Host } from '../host/host.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { decompressed } from '../snapshots/decompress.ts';
import { type TarVisitor, visitTar } from '../snapshots/tar-entries.ts';
import type { TarEntry } from '../snapshots/tar-entry.ts';
import { type ArchiveFile, type FileSink, openFileSink } from './archive-entry.ts';
import { type ArchivedImage, archivedImages, type ReadDocument } from './archive-index.ts';
import type { Garbage } from './garbage.ts';
import type { ImageIndex } from './image-index.ts';
import type { Image } from './images.ts';
import { checkDepth } from './layer-depth.ts';
import { oldImages } from './old-archive.ts';
import type { RegisteredImage } from './register.ts';
import { sha256 } from './sha256.ts';

export interface LoadDependencies {
  readonly host: Host;
  readonly content: Content;
  readonly snapshots: SnapshotStore;
  readonly garbage: Garbage;
  readonly index: ImageIndex;
  readonly platform: Platform;
  readonly register: (image: RegisteredImage) => Image;
}

export interface LoadRequest {
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
  readonly quiet: boolean;
  /** Only images for it; all when undefined. */
  readonly platform?: Platform | undefined;
}

/** @param onLoaded called for each image. Throws EngineError('invalid') for a bad archive; then nothing of it stays. */
export async function loadImages(
  dependencies: LoadDependencies,
  archive: Readable,
  request: LoadRequest,
  onLoaded: (image: Image) => void,
): Promise<void> {
  const { garbage } = dependencies;
  const stop = (): void => void archive.destroy(new EngineError('cancelled', 'context canceled'));
  request.signal.addEventListener('abort', stop, { once: true });
  await using held = new AsyncDisposableStack();
  const touched: string[] = [];
  held.defer(async () => {
    await garbage.sweep(touched);
  });
  const keep = (ids: readonly string[]): void => {
    held.use(garbage.hold(ids));
    touched.push(...ids);
  };
  try {
    const files = await readFiles(dependencies, archive, request, keep);
    const read = (name: string): string | undefined => {
      const file = fileAt(files, name);
      if (file?.kind === 'unusable') throw unusable(name, file.reason);
      return file?.kind === 'document' ? file.text : undefined;
    };
    let loaded = 0;
    const tell = (stream: string): void => request.progress({ stream: `${stream}\n` });
    const archived = indexed(files, read, request.platform ?? dependencies.platform);
    for (const found of checkParents(archived.map((one) => readImage(files, one)))) {
      if (request.platform !== undefined && !isPlatform(found.config, request.platform)) continue;
      loaded++;
      for (const name of found.names) tellMoved(dependencies.index, name, found.id, tell);
      const image = await storeImage(dependencies, files, found, keep);
      onLoaded(image);
      const names = found.names.map((name) => `Loaded image: ${familiarReference(name)}`);
      for (const text of names.length === 0 ? [`Loaded image ID: ${image.id}`] : names) tell(text);
    }
    if (loaded === 0 && request.platform !== undefined) {
      const text = `the archive has no image for platform ${formatPlatform(request.platform)}`;
      throw new EngineError('not-found', text);
    }
  } finally {
    request.signal.removeEventListener('abort', stop);
  }
}

/** Manifests and configurations, all together: more than a thousand images have. */
const DOCUMENTS_LIMIT = 64 * 1024 * 1024;

function unusable(name: string, reason: string): EngineError {
  return new EngineError('invalid', `${name} of the archive cannot be used: ${reason}`);
}

type Files = Map<string, ArchiveFile>;

function indexed(files: Files, read: ReadDocument, platform: Platform): ArchivedImage[] {
  const isNew = ['manifest.json', 'index.json'].some((name) => read(name) !== undefined);
  const repositories = isNew ? undefined : read('repositories');
  if (repositories === undefined) return archivedImages(read, platform);
  const diffId = (name: string): string => {
    const file = fileAt(files, name);
    if (file?.kind === 'layer') return file.snapshot.diffId;
    if (file?.kind === 'unusable') throw unusable(`the layer ${name}`, file.reason);
    throw new EngineError('invalid', `the archive lacks the layer ${name}`);
  };
  const add = (name: string, text: string): void => void files.set(name, { kind: 'document', text });
  return oldImages({ read, diffId, add }, repositories);
}

interface Arriving {
  readonly entry: TarEntry;
  readonly sink: FileSink;
}

async function readFiles(
  { host, snapshots }: LoadDependencies,
  archive: Readable,
  { progress, quiet }: LoadRequest,
  keep: (ids: readonly string[]) => void,
): Promise<Files> {
  const files = new Map<string, ArchiveFile>();
  const documentRoom = { left: DOCUMENTS_LIMIT };
  let current: Arriving | undefined;
  const put = (name: string, file: ArchiveFile): void => {
    if (!isDeepStrictEqual(files.get(name) ?? file, file)) throw unusable(name, 'it is there twice, and not the same');
    files.set(name, file);
  };
  const finish = async ({ entry, sink }: Arriving): Promise<void> => {
    const file = await sink.end();
    if (file.kind === 'layer') keep([file.snapshot.chainId]);
    put(cleanName(entry.name), file);
    if (file.kind !== 'layer') return;
    if (!quiet) progress(layerProgress(shortId(file.snapshot.diffId), 'Loading layer', entry.size, entry.size));
  };
  // The last files of one layer are written while the next one arrives.
  let finishing = Promise.resolve();
  const arrived = async (): Promise<void> => {
    await finishing;
    if (current === undefined) return;
    finishing = finish(current);
    finishing.catch(() => {}); // seen when it is awaited
    current = undefined;
  };
  const visitor: TarVisitor = {
    async entry(entry) {
      await arrived();
      const name = cleanName(entry.name);
      if (entry.type === '0')
        current = { entry, sink: openFileSink({ host, snapshots, documentRoom }, name, entry.size) };
      else if (entry.type === '1') put(name, { kind: 'link', target: cleanName(entry.linkName) });
      else if (entry.type === '2') {
        put(name, { kind: 'link', target: path.posix.join(path.posix.dirname(name), entry.linkName) });
      }
    },
    data: async (chunk) => current?.sink.write(chunk),
    async end() {
      await arrived();
      await finishing;
    },
  };
  try {
    await visitTar((await decompressed(archive, host)) as AsyncIterable<Buffer>, visitor);
  } finally {
    await Promise.allSettled([current?.sink.abort(), finishing]);
  }
  return files;
}

function cleanName(name: string): string {
  return path.posix.normalize(name).replace(/^\/+/, '');
}

function fileAt(files: Files, name: string): ArchiveFile | undefined {
  const file = files.get(cleanName(name));
  return file?.kind === 'link' ? files.get(file.target) : file;
}

/** An image of the archive, checked as far as its documents say. */
interface ReadImage {
  readonly id: string;
  readonly config: OciImageConfig;
  readonly text: string;
  /** Paths in the archive. */
  readonly layers: readonly string[];
  readonly names: readonly ImageReference[];
  readonly parent?: string | undefined;
}

function readImage(files: Files, { config: configPath, layers, tags, parent }: ArchivedImage): ReadImage {
  const document = fileAt(files, configPath);
  if (document?.kind === 'unusable') throw unusable(configPath, document.reason);
  if (document?.kind !== 'document')
    throw new EngineError('invalid', `the archive lacks the configuration ${configPath}`);
  const config = parseImageConfig(document.text);
  const diffIds = config.rootfs.diff_ids;
  checkDepth(diffIds);
  if (diffIds.length !== layers.length) {
    const text = `invalid manifest, layers length mismatch: expected ${layers.length}, got ${diffIds.length}`;
    throw new EngineError('invalid', text);
  }
  if (config.os !== 'linux') throw new EngineError('invalid', `cannot load ${config.os} image on linux`);
  const names = tags.map((tag) => {
    const name = withDefaultTag(parseReference(tag));
    if (name.digest !== undefined) throw new EngineError('invalid', `invalid tag ${JSON.stringify(tag)}`);
    return name;
  });
  return { id: sha256(document.text), config, text: document.text, layers, names, parent };
}

/** A name that was another image's: Docker says so. */
function tellMoved(index: ImageIndex, name: ImageReference, id: string, tell: (text: string) => void): void {
  const before = index.named(name);
  if (before === undefined || before === id) return;
  const shown = familiarReference(name);
  tell(`The image ${shown} already exists, renaming the old one with ID ${before} to empty string`);
}

async function storeImage(
  { content, snapshots, register }: LoadDependencies,
  files: Files,
  { id, config, text, layers, names, parent }: ReadImage,
  keep: (ids: readonly string[]) => void,
): Promise<Image> {
  const diffIds = config.rootfs.diff_ids;
  const chain = chainIds(diffIds, sha256);
  keep(chain);
  for (const [i, layer] of layers.entries()) {
    const diffId = diffIds[i] as string;
    const parent = chain[i - 1];
    // As Docker: what is here need not be in the archive.
    if (snapshots.adopt(parent, diffId) !== undefined) continue;
    checkLayer(fileAt(files, layer), layer, diffId);
    snapshots.adopt(parent, diffId);
  }
  await content.write(Buffer.from(text));
  return register({ id, config, chainIds: chain, names, ...(parent === undefined ? {} : { parent }) });
}

/**
 * Parents that the archive has. Throws EngineError('invalid') for one that the image cannot have been made from: its history
 * and its layers begin with the parent's.
 */
function checkParents(images: readonly ReadImage[]): ReadImage[] {
  const byId = new Map(images.map((image) => [image.id, image]));
  return images.map((image) => {
    const parent = byId.get(image.parent ?? '');
    if (parent === undefined) return { ...image, parent: undefined };
    const begins = (all: readonly unknown[], first: readonly unknown[]): boolean =>
      first.every((one, i) => JSON.stringify(one) === JSON.stringify(all[i]));
    const { config, id } = image;
    const [history, older] = [config.history ?? [], parent.config.history ?? []];
    const longer = history.length > older.length || (history.length === 0 && older.length === 0);
    if (longer && begins(history, older) && begins(config.rootfs.diff_ids, parent.config.rootfs.diff_ids)) return image;
    throw new EngineError(
      'invalid',
      `the archive says that ${id} was made from ${parent.id}: its history says otherwise`,
    );
  });
}

function checkLayer(file: ArchiveFile | undefined, name: string, diffId: string): void {
  if (file?.kind === 'layer' && file.snapshot.diffId === diffId) return;
  if (file === undefined) throw new EngineError('invalid', `the archive lacks the layer ${name}`);
  const why = file.kind === 'unusable' ? file.reason : `its content is not the ${diffId} that the image names`;
  throw unusable(`the layer ${name}`, why);
}
