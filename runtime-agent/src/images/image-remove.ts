/** `docker rmi`: untag, and delete what no name, container or child image needs, with Docker's rules and words. */
import { EngineError } from '#model/engine-api/errors.ts';
import { shortId } from '#model/oci/digest.ts';
import type { Platform } from '#model/oci/platform.ts';
import { familiarReference, type ImageReference, parseReference, withDefaultTag } from '#model/oci/reference.ts';
import type { Content } from '../content/content.ts';
import type { EventLog } from '../events/event-log.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import type { Garbage } from './garbage.ts';
import type { Image } from './images.ts';
import { ofPlatform } from './of-platform.ts';
import { publishImageEvent } from './image-names.ts';
import type { ImageIndex } from './image-index.ts';

export interface ImageUser {
  /** Container id. */
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

export interface RemoveDependencies {
  readonly index: ImageIndex;
  readonly content: Content;
  readonly snapshots: Pick<SnapshotStore, 'has'>;
  readonly garbage: Garbage;
  readonly events: EventLog;
  /** Containers made from the image. */
  readonly users: (imageId: string) => readonly ImageUser[];
}

export interface Removed {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export interface RemoveOptions {
  readonly force: boolean;
  /** Delete parents that nothing names as well. */
  readonly prune: boolean;
  /** Only where the image is for one of them; any when empty. */
  readonly platforms?: readonly Platform[];
}

/** Throws EngineError: 'not-found', 'conflict'. */
export async function removeImage(
  dependencies: RemoveDependencies,
  nameOrId: string,
  { force, prune, platforms = [] }: RemoveOptions,
): Promise<Removed[]> {
  const { index } = dependencies;
  const image = index.resolve(nameOrId);
  for (const platform of platforms) ofPlatform(image, platform, nameOrId);
  const removed: Removed[] = [];
  const byId = isIdPrefix(image.id, nameOrId);
  if (byId) {
    if (isSingleReference(references(index, image.id))) {
      refuse(dependencies, image.id, { soft: !force, names: false });
      untag(dependencies, image.id, index.names(image.id), removed);
    }
  } else {
    untagOne(dependencies, image, parseReference(nameOrId), force, removed);
    if (index.names(image.id).length > 0) return removed;
  }
  await deleteImage(dependencies, image.id, { force, prune, quiet: !byId }, removed);
  return removed;
}

function isIdPrefix(id: string, text: string): boolean {
  return id.startsWith(text) || id.slice('sha256:'.length).startsWith(text);
}

function references(index: ImageIndex, id: string): ImageReference[] {
  return index.names(id).map((name) => parseReference(name));
}

const nameOf = ({ domain, path }: ImageReference): string => `${domain}/${path}`;

/** At most one tag, and all digests of the same repository. */
function isSingleReference(all: readonly ImageReference[]): boolean {
  const tags = all.filter(({ digest }) => digest === undefined);
  return all.length <= 1 || (tags.length <= 1 && new Set(all.map(nameOf)).size === 1);
}

function untag({ index, events }: RemoveDependencies, id: string, names: readonly string[], removed: Removed[]): void {
  for (const name of names) {
    index.deleteName(name);
    removed.push({ Untagged: familiarReference(parseReference(name)) });
    publishImageEvent(events, 'untag', id, { name: id, image: index.get(id) });
  }
}

/** Removes the name, and the repository's digests with its last tag. */
function untagOne(
  dependencies: RemoveDependencies,
  image: Image,
  asked: ImageReference,
  force: boolean,
  removed: Removed[],
): void {
  const { index, users } = dependencies;
  const reference = withDefaultTag(asked);
  const [user] = users(image.id);
  if (!force && user && isSingleReference(references(index, image.id))) {
    const what = `unable to remove repository reference "${familiarReference(asked)}" (must force)`;
    const why = `container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`;
    throw new EngineError('conflict', `conflict: ${what} - ${why}`);
  }
  const wanted = index.names(image.id).find((name) => sameName(parseReference(name), reference));
  untag(dependencies, image.id, wanted === undefined ? [] : [wanted], removed);
  if (reference.digest !== undefined) return;
  const left = index.names(image.id).filter((name) => nameOf(parseReference(name)) === nameOf(reference));
  if (left.every((name) => parseReference(name).digest !== undefined)) untag(dependencies, image.id, left, removed);
}

function sameName(known: ImageReference, asked: ImageReference): boolean {
  if (nameOf(known) !== nameOf(asked)) return false;
  return asked.digest === undefined
    ? known.tag === asked.tag && known.digest === undefined
    : known.digest === asked.digest;
}

interface Refusals {
  /** Refuse for what force would override, too. */
  readonly soft: boolean;
  /** Names left count. */
  readonly names: boolean;
}

interface Conflict {
  readonly text: string;
  readonly hard: boolean;
  /** By a container, or an image that was made of it. */
  readonly used: boolean;
}

function conflictOf({ index, users }: RemoveDependencies, id: string, { soft, names }: Refusals): Conflict | undefined {
  if (index.list().some((other) => other.parent === id)) {
    return { text: 'image has dependent child images', hard: true, used: true };
  }
  const all = users(id);
  const running = all.find((user) => user.running);
  if (running)
    return { text: `image is being used by running container ${shortId(running.id)}`, hard: true, used: true };
  if (!soft) return undefined;
  if (names && index.names(id).length > 0) {
    return { text: 'image is referenced in multiple repositories', hard: false, used: false };
  }
  const [stopped] = all;
  if (!stopped) return undefined;
  return { text: `image is being used by stopped container ${shortId(stopped.id)}`, hard: false, used: true };
}

function refuse(dependencies: RemoveDependencies, id: string, refusals: Refusals): void {
  const conflict = conflictOf(dependencies, id, refusals);
  if (conflict) throw conflictError(id, conflict);
}

function conflictError(id: string, { text, hard }: Conflict): EngineError {
  const how = hard ? 'cannot be forced' : 'must be forced';
  return new EngineError('conflict', `conflict: unable to delete ${shortId(id)} (${how}) - ${text}`);
}

async function deleteImage(
  dependencies: RemoveDependencies,
  id: string,
  { force, prune, quiet }: RemoveOptions & { readonly quiet: boolean },
  removed: Removed[],
): Promise<void> {
  const { index, content, snapshots, garbage, events } = dependencies;
  const conflict = conflictOf(dependencies, id, { soft: !force, names: true });
  if (conflict) {
    // A name was removed: that much is done. A dangling image that is in no use must not stay without a word.
    if (quiet && (index.names(id).length > 0 || conflict.used)) return;
    throw conflictError(id, conflict);
  }
  const record = index.record(id);
  if (record === undefined) return;
  untag(dependencies, id, index.names(id), removed);
  index.delete(id);
  publishImageEvent(events, 'delete', id, { name: id });
  removed.push({ Deleted: id });
  const others = new Set(index.list().flatMap((image) => index.record(image.id)?.manifests ?? []));
  content.delete(id as `sha256:${string}`);
  for (const manifest of record.manifests ?? []) {
    if (!others.has(manifest)) content.delete(manifest as `sha256:${string}`);
  }
  await garbage.sweep(record.chainIds);
  for (const chainId of [...record.chainIds].reverse()) if (!snapshots.has(chainId)) removed.push({ Deleted: chainId });
  const parent = record.parent;
  if (!prune || parent === undefined || index.get(parent) === undefined) return;
  if (index.names(parent).length > 0) return;
  await deleteImage(dependencies, parent, { force: false, prune, quiet: true }, removed).catch((error: unknown) => {
    if (!(error instanceof EngineError && error.code === 'conflict')) throw error;
  });
}
