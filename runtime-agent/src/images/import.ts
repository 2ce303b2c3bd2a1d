/** `docker import`: a file system tar as an image of one layer. */
import { Readable } from 'node:stream';
import { ENGINE_VERSION } from '#model/engine-api/engine-version.ts';
import { EngineError } from '#model/engine-api/errors.ts';
import { type ProgressMessage, progressBar } from '#model/engine-api/progress.ts';
import type { OciContainerDefaults, OciImageConfig } from '#model/oci/image-config.ts';
import { type Platform, parsePlatform } from '#model/oci/platform.ts';
import { type ImageReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { Host } from '../host/host.ts';
import { getFile, shownAddress, type WebRefusal } from '../registry/get-file.ts';
import type { Transport } from '../registry/transport.ts';
import { decompressed } from '../snapshots/decompress.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Garbage } from './garbage.ts';

export interface ImportRequest {
  /** `-`: `body`. Otherwise a URL. */
  readonly source: string;
  readonly body: Readable;
  /** '' for none. */
  readonly reference: string;
  readonly message: string;
  /** Dockerfile instructions: `CMD ["sh"]`. */
  readonly changes: readonly string[];
  readonly platform?: string;
  readonly progress: (message: ProgressMessage) => void;
  readonly signal: AbortSignal;
}

export interface ImportDependencies {
  readonly host: Host;
  readonly snapshots: SnapshotStore;
  readonly garbage: Garbage;
  readonly transport: Transport;
  readonly platform: Platform;
  readonly now: () => Date;
  /** Applies Dockerfile instructions to a configuration. Throws EngineError('invalid'). */
  readonly applyChanges: (base: OciContainerDefaults, changes: readonly string[]) => OciContainerDefaults;
  readonly store: (image: ImportedImage) => Promise<string>;
}

export interface ImportedImage {
  readonly config: OciImageConfig;
  readonly chainIds: readonly string[];
  readonly name: ImageReference | undefined;
}

/** Throws EngineError in Docker's words; gives the image's id. */
export async function importImage(dependencies: ImportDependencies, request: ImportRequest): Promise<string> {
  const { host, snapshots, garbage, now } = dependencies;
  const name = request.reference === '' ? undefined : withDefaultTag(parseReference(request.reference));
  if (name?.digest !== undefined) throw new EngineError('invalid', 'cannot import digest reference');
  const platform = importedPlatform(request.platform, dependencies.platform);
  const defaults = dependencies.applyChanges({}, request.changes);
  const fail = (cause: unknown): never => {
    throw asDockerd(cause);
  };
  const source = request.source === '-' ? request.body : await fetchSource(dependencies.transport, request).catch(fail);
  const stop = (): void => void source.destroy(new EngineError('cancelled', 'context canceled'));
  request.signal.addEventListener('abort', stop, { once: true });
  try {
    const tar = await decompressed(source, host).catch(fail);
    const { chainId, diffId } = await snapshots.apply(undefined, tar, { distinct: true }).catch(fail);
    using _held = garbage.hold([chainId]);
    const created = now().toISOString();
    const comment = request.message === '' ? `Imported from ${request.source}` : request.message;
    const config: OciImageConfig = {
      architecture: platform.architecture,
      ...(platform.variant === undefined ? {} : { variant: platform.variant }),
      config: defaults,
      created,
      docker_version: ENGINE_VERSION,
      history: [{ created, comment }],
      os: platform.os,
      rootfs: { type: 'layers', diff_ids: [diffId] },
    };
    const id = await dependencies.store({ config, chainIds: [chainId], name });
    request.progress({ status: id });
    return id;
  } finally {
    request.signal.removeEventListener('abort', stop);
  }
}

/** The variant as it is written, as in Docker: `arm` stays without one. */
function importedPlatform(text: string | undefined, host: Platform): Platform {
  if (text === undefined) return host;
  const { variant: implied, ...platform } = parsePlatform(text, host);
  if (platform.os !== 'linux') throw new EngineError('invalid', 'operating system is not supported');
  const variant = text.split('/')[2] ?? (implied === 'v7' ? undefined : implied);
  return variant === undefined ? platform : { ...platform, variant };
}

/** For dockerd, what is wrong with the archive or with where it comes from is no error of the client's. */
function asDockerd(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.code !== 'invalid') return error;
  const isMissing = (error.cause as Partial<WebRefusal> | undefined)?.status === 404;
  return new EngineError(isMissing ? 'not-found' : 'internal', error.message, { cause: error });
}

async function fetchSource(transport: Transport, { source, progress, signal }: ImportRequest): Promise<Readable> {
  const url = URL.parse(source.includes('://') ? source : `http://${source}`);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new EngineError('invalid', `${source} is no URL of http`);
  const { body, headers } = await getFile(transport, url.href, signal);
  progress({ status: `Downloading from ${shownAddress(url.href)}` });
  const total = Number(headers['content-length'] ?? -1);
  return Readable.from(importing(body, total, progress), { objectMode: false });
}

const PROGRESS_MS = 100;

/** Tells how much has come: the first of it, then at most ten times a second, and all. */
async function* importing(body: Readable, total: number, tell: ImportRequest['progress']): AsyncGenerator<Buffer> {
  let current = 0;
  let last = 0;
  const tellNow = (): void => {
    last = Date.now();
    tell({ status: 'Importing', progressDetail: { current, total }, progress: progressBar(current, total) });
  };
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      current += chunk.length;
      if (Date.now() - last >= PROGRESS_MS) tellNow();
      yield chunk;
    }
  } catch (cause) {
    throw new EngineError('invalid', `unexpected EOF: the connection broke after ${current} bytes`, { cause });
  }
  tellNow();
}
