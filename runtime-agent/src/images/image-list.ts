/** `GET /images/json`: which images, and how they are summarised. */
import { EngineError } from '#model/engine-api/errors.ts';
import type { Filters } from '#model/engine-api/filters.ts';
import type { ImageSummary } from '#model/engine-api/types.ts';
import { familiarName, parseReference } from '#model/oci/reference.ts';
import type { Image } from './images.ts';
import { matchesLabels, parseUntil, pathPattern, readBoolean } from './image-filters.ts';

export interface ListOptions {
  /** Intermediate images too. */
  readonly all: boolean;
  readonly filters: Filters;
  /** Bytes of the image that others share, instead of -1. */
  readonly sharedSize?: ((image: Image) => number) | undefined;
}

export interface ListSource {
  readonly images: readonly Image[];
  resolve(nameOrId: string): Image;
  /** Containers made from the image. */
  users(id: string): number;
  readonly now: Date;
}

const KNOWN = ['dangling', 'label', 'before', 'since', 'reference', 'until'];

/** Throws EngineError in Docker's words: 'invalid' for bad filters, 'not-found' for images they name. */
export function listImages(source: ListSource, { all, filters, sharedSize }: ListOptions): ImageSummary[] {
  for (const name of filters.keys())
    if (!KNOWN.includes(name)) throw new EngineError('invalid', `invalid filter '${name}'`);
  const dangling = readBoolean(filters, 'dangling');
  const parents = new Set(source.images.map((image) => image.parent));
  const patterns = filters.get('reference')?.map(pathPattern);
  const isRightAge = agePredicate(source, filters);
  const summaries: ImageSummary[] = [];
  for (const image of source.images) {
    const named = image.repoTags.length + image.repoDigests.length > 0;
    // As dockerd: a digest alone is no name that keeps an image from dangling.
    if (dangling === true && (image.repoTags.length > 0 || parents.has(image.id))) continue;
    if (dangling === false && !named) continue;
    if (!all && !named && parents.has(image.id)) continue;
    if (!isRightAge(image) || !matchesLabels(filters.get('label') ?? [], image.config.config?.Labels)) continue;
    const shown = patterns === undefined ? image : matchingNames(image, patterns);
    if (shown !== undefined) summaries.push(summary(shown, source.users(image.id), sharedSize?.(image) ?? -1));
  }
  return summaries;
}

function agePredicate({ resolve, now }: ListSource, filters: Filters): (image: Image) => boolean {
  const created = (image: Image): number => Date.parse(image.config.created ?? '') || 0;
  const times = (name: string): number[] => (filters.get(name) ?? []).map((ref) => created(resolve(ref)));
  const before = [...times('before'), ...(filters.get('until') ?? []).map((text) => parseUntil(text, now))];
  const since = times('since');
  return (image) => before.every((time) => created(image) < time) && since.every((time) => created(image) > time);
}

/** With those names only that one of the patterns fits; undefined when none is left. */
function matchingNames(image: Image, patterns: readonly RegExp[]): Image | undefined {
  const fits = (name: string): boolean =>
    patterns.some((pattern) => pattern.test(name) || pattern.test(familiarName(parseReference(name))));
  const [repoTags, repoDigests] = [image.repoTags.filter(fits), image.repoDigests.filter(fits)];
  return repoTags.length + repoDigests.length === 0 ? undefined : { ...image, repoTags, repoDigests };
}

export function summary(image: Image, users: number, sharedSize: number): ImageSummary {
  return {
    Containers: users,
    Created: Math.floor((Date.parse(image.config.created ?? '') || 0) / 1000),
    Id: image.id,
    Labels: (image.config.config?.Labels ?? null) as Record<string, string>,
    ParentId: image.parent ?? '',
    RepoDigests: [...image.repoDigests],
    RepoTags: [...image.repoTags],
    SharedSize: sharedSize,
    Size: image.size,
  };
}
