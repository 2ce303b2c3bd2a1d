/** `docker pull`: manifest, configuration, layers, and only then the image's record and names. */
import { EngineError } from '#model/engine-api/errors.ts';
import { chainIds } from '#model/oci/chain-id.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import { type Descriptor, type ImageManifest, parseManifest, schema1Removed } from '#model/oci/manifest.ts';
import { choosePlatform, formatPlatform, type Platform, parsePlatform, platformMatches } from '#model/oci/platform.ts';
import {
  canonicalReference,
  familiarName,
  familiarReference,
  type ImageReference,
  parseReference,
  withDefaultTag,
} from '#model/oci/reference.ts';
import type { Found, Registry } from '../registry/registry.ts';
import { answerOf } from '../registry/registry-error.ts';
import type { KeptManifests } from '../registry/repository.ts';
import type { Image, PullRequest } from './images.ts';
import type { ImageIndex } from './image-index.ts';
import type { RegisteredImage } from './register.ts';
import { pullConfig } from './pull-config.ts';
import { type PullLayerDependencies, pullLayer } from './pull-layer.ts';
import { lookUpFailure, pullRefusal } from './pull-refusal.ts';
import { sha256 } from './sha256.ts';

export interface PullDependencies extends PullLayerDependencies {
  readonly registry: Registry;
  readonly index: ImageIndex;
  readonly platform: Platform;
  readonly processor?: () => Platform;
  /** Stores the finished image under its names. */
  readonly register: (image: RegisteredImage) => Image;
  /** Keeps layers from being swept while they belong to no image. */
  readonly hold: (chainIds: readonly string[]) => Disposable;
  /** Tells of the end; `newer`: the name is another image's than before. */
  readonly outcome: (reference: ImageReference, newer: boolean) => void;
  /** Deletes those of the layers that nothing uses. */
  readonly sweep: (chainIds: readonly string[]) => Promise<unknown>;
}

/** Throws EngineError in Docker's words; then nothing of the image is left. */
export async function pullImage(dependencies: PullDependencies, request: PullRequest): Promise<Image> {
  const { registry } = dependencies;
  const tell = request.progress ?? (() => {});
  const signal = request.signal ?? new AbortController().signal;
  const reference = withDefaultTag(parseReference(request.reference));
  const { platform, processor = () => platform } = dependencies;
  const wanted = checkPull(reference, request, platform) ?? processor();
  const begin = (): void => tell({ status: `Pulling from ${reference.path}`, id: shownTag(reference) });
  const kept = keptManifests(dependencies, reference);
  const found = await registry.find(reference, request.credentials, signal, kept).catch((error: unknown) => {
    if (!isSchema1(error)) throw lookUpFailure(reference, error);
    begin(); // as in Docker: the registry has it
    throw new EngineError('not-implemented', schema1Removed(familiarReference(reference)), { cause: error });
  });
  begin();
  const pulled: PulledFrom = { reference, wanted, tell, signal, kept, warn: request.platform !== undefined };
  for (let endpoint = found; ; ) {
    try {
      return await pullFrom(dependencies, endpoint, pulled);
    } catch (error) {
      // What one mirror has only half, or spoilt, another or the registry itself may have.
      if (endpoint.fallback === undefined || !(error instanceof EngineError) || signal.aborted)
        throw pullRefusal(reference, error);
      endpoint = await endpoint.fallback().catch(() => Promise.reject(pullRefusal(reference, error)));
    }
  }
}

/** Before a registry is asked. Gives the platform, where one is asked for. Throws EngineError in Docker's words. */
export function checkPull(reference: ImageReference, request: PullRequest, host: Platform): Platform | undefined {
  if (familiarName(reference) === 'scratch') throw new EngineError('forbidden', "'scratch' is a reserved name");
  return request.platform ? parsePlatform(request.platform, host) : undefined;
}

/** The manifests of the image that has the name now: it is most likely up to date. */
function keptManifests({ index, content }: PullDependencies, name: ImageReference): KeptManifests | undefined {
  const manifests = index.record(index.named(name) ?? '')?.manifests;
  if (manifests === undefined) return undefined;
  return async (digest) => (manifests.includes(digest) && content.has(digest) ? content.read(digest) : undefined);
}

/** A digest is shown with all of the name, as in Docker. */
function shownTag(reference: ImageReference): string {
  return reference.digest === undefined ? (reference.tag ?? 'latest') : familiarReference(reference);
}

function isSchema1(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'not-implemented' && answerOf(error) === undefined;
}

interface PulledFrom {
  readonly reference: ImageReference;
  readonly wanted: Platform;
  readonly tell: (message: Readonly<Record<string, unknown>>) => void;
  readonly signal: AbortSignal;
  readonly kept: KeptManifests | undefined;
  /** The platform was asked for: say so when it is another. */
  readonly warn: boolean;
}

async function pullFrom(
  dependencies: PullDependencies,
  found: Found,
  { reference, wanted, tell, signal, kept, warn }: PulledFrom,
): Promise<Image> {
  const { content, index } = dependencies;
  const { manifest, documents } = await imageManifest(found, { wanted, kept, signal });
  const { id, config, bytes } = await pullConfig(content, { repository: found.repository, manifest, tell, signal });
  const chain = chainIds(config.rootfs.diff_ids, sha256);
  using _held = dependencies.hold(chain);
  if (index.get(id) === undefined) {
    try {
      await pullLayers(dependencies, { reference, manifest, config, chain, found }, { progress: tell, signal });
    } catch (error) {
      _held[Symbol.dispose]();
      await dependencies.sweep(chain);
      if (index.get(id) === undefined) content.delete(manifest.config.digest);
      throw pullError(error);
    }
  }
  // `node:20@sha256:…` gets the digest's name only, as in Docker.
  const { tag: _tag, digest: _digest, ...name } = reference;
  const names = namesOf(reference, { ...name, digest: found.digest }, (one) => index.named(one) ?? id, id);
  const before = index.named(names[0] as ImageReference);
  const manifests: string[] = [];
  for (const document of documents) manifests.push(await content.write(document));
  await content.write(bytes); // the image may have been removed meanwhile
  const image = dependencies.register({ id, config, chainIds: chain, manifests, names });
  tell({ status: `Digest: ${found.digest}` });
  // As dockerd: what counts is whether the name is news, not how much of it was here.
  dependencies.outcome(reference, before !== id);
  if (warn && !platformMatches(config, wanted)) tell({ status: mismatch(reference, config, wanted) });
  return image;
}

/** A digest that another platform's image has been pulled by stays that one's, unless it is the digest that was asked for. */
function namesOf(
  reference: ImageReference,
  digest: ImageReference,
  owner: (name: ImageReference) => string,
  id: string,
): ImageReference[] {
  if (reference.digest !== undefined) return [digest];
  return owner(digest) === id ? [reference, digest] : [reference];
}

function mismatch(reference: ImageReference, config: OciImageConfig, wanted: Platform): string {
  const [is, asked] = [formatPlatform(config), formatPlatform(wanted)];
  const what = `image with reference ${familiarReference(reference)} was found but its platform`;
  return `WARNING: ${what} (${is}) does not match the specified platform (${asked})`;
}

/** The manifest for the platform, and the documents that lead to it, to be kept with the image. */
async function imageManifest(
  found: Found,
  { wanted, kept, signal }: Pick<PulledFrom, 'wanted' | 'kept' | 'signal'>,
): Promise<{ manifest: ImageManifest; documents: Buffer[] }> {
  const documents = [found.bytes];
  let { manifest } = found;
  for (let depth = 0; manifest.kind === 'index'; depth++) {
    if (depth === INDEX_DEPTH) throw new EngineError('invalid', 'invalid image manifest: too many nested indexes');
    const entry = chooseEntry(manifest.manifests, wanted);
    const bytes = await kept?.(entry.digest);
    const next = bytes && { bytes, manifest: parseManifest(bytes.toString(), entry.mediaType) };
    const fetched = next ?? (await found.repository.manifest(entry.digest, signal));
    documents.unshift(fetched.bytes);
    manifest = fetched.manifest;
  }
  for (const { mediaType } of [manifest.config, ...manifest.layers]) checkMediaType(mediaType);
  return { manifest, documents };
}

/** Indexes may contain indexes (image-spec image-index.md). */
const INDEX_DEPTH = 4;

/** Entries that say no platform fit every one, if nothing fits better. */
function chooseEntry(entries: readonly Descriptor[], wanted: Platform): Descriptor {
  const entry = choosePlatform(entries, wanted) ?? entries.find(({ platform }) => platform === undefined);
  if (entry !== undefined) return entry;
  const text = `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`;
  throw new EngineError('not-found', text);
}

/** Types of images; and those that ancient tools gave theirs. Charts, signatures and the like are not for running. */
const IMAGE_TYPES = /^(application\/vnd\.(oci\.image|docker)(\..*)?|application\/(octet-stream|json)|text\/html|)$/i;

function checkMediaType(mediaType: string): void {
  if (!IMAGE_TYPES.test(mediaType)) throw new EngineError('invalid', `unsupported media type ${mediaType}`);
}

interface Layers {
  readonly reference: ImageReference;
  readonly manifest: ImageManifest;
  readonly config: OciImageConfig;
  readonly chain: readonly string[];
  readonly found: Found;
}

/** All layers at the same time; the first failure ends the others, and is what the caller sees. */
async function pullLayers(
  dependencies: PullDependencies,
  { reference, manifest, config, chain, found }: Layers,
  waiter: { readonly progress: (message: Readonly<Record<string, unknown>>) => void; readonly signal: AbortSignal },
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, waiter.signal]);
  const { tag: _tag, digest: _digest, ...name } = reference;
  let first: unknown;
  const work = manifest.layers.map(async (descriptor, i) => {
    try {
      const layer = { descriptor, diffId: config.rootfs.diff_ids[i] as string, parent: chain[i - 1] };
      const from = { repository: found.repository, repositoryName: canonicalReference(name) };
      await pullLayer(dependencies, { ...layer, ...from }, { ...waiter, signal });
    } catch (error) {
      first ??= error;
      failed.abort();
      throw error;
    }
  });
  await Promise.allSettled(work);
  if (first !== undefined) throw first;
}

function pullError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const advice = `free some space, for example with 'docker system prune', and pull again`;
  return new EngineError('unavailable', `no space left on device for the image (${advice})`, { cause: error });
}
