/** The images and their names, in the state database and, parsed, in memory. */
import { EngineError } from '#model/engine-api/errors.ts';
import { isDigest } from '#model/oci/digest.ts';
import type { OciImageConfig } from '#model/oci/image-config.ts';
import {
  canonicalReference,
  familiarReference,
  type ImageReference,
  parseReference,
  withDefaultTag,
} from '#model/oci/reference.ts';
import type { Database } from '../state/collection.ts';
import type { Image } from './images.ts';

/** What is stored of an image; the configuration's exact bytes are a blob of the image's id. */
export interface ImageRecord {
  readonly config: OciImageConfig;
  readonly chainIds: readonly string[];
  readonly size: number;
  readonly parent?: string;
  readonly lastTagTime?: string;
  /** Manifests under which it was pulled or pushed: blobs. */
  readonly manifests?: readonly string[];
}

export interface ImageIndex {
  get(id: string): Image | undefined;
  record(id: string): ImageRecord | undefined;
  /** Newest first. */
  list(): readonly Image[];
  /** By id, unambiguous prefix, tag or digest. Throws EngineError('invalid') for what is no name. */
  find(nameOrId: string): Image | undefined;
  /** Throws EngineError('not-found') in Docker's words. */
  resolve(nameOrId: string): Image;
  put(id: string, record: ImageRecord): void;
  delete(id: string): void;
  /** Canonical references (with tag or with digest) of an image, sorted. */
  names(id: string): readonly string[];
  /** The image that has the name. */
  named(reference: ImageReference): string | undefined;
  setName(reference: ImageReference, id: string): void;
  deleteName(canonical: string): void;
}

interface State {
  readonly records: Map<string, ImageRecord>;
  /** canonical reference -> image id */
  readonly names: Map<string, string>;
  /** Made when asked for; forgotten when the image or a name of it changes. */
  readonly views: Map<string, Image>;
}

export function openImageIndex(database: Database): ImageIndex {
  const images = database.collection<ImageRecord>('images');
  const names = database.collection<string>('image_names');
  const state: State = {
    records: new Map(images.all().map(({ id, value }) => [id, value])),
    names: new Map(names.all().map(({ id, value }) => [id, value])),
    views: new Map(),
  };
  const namesOf = (id: string): string[] =>
    [...state.names]
      .filter(([, image]) => image === id)
      .map(([name]) => name)
      .sort();
  const get = (id: string): Image | undefined => {
    const known = state.views.get(id);
    const record = state.records.get(id);
    if (known || record === undefined) return known;
    const view = imageOf(id, record, namesOf(id));
    state.views.set(id, view);
    return view;
  };
  const find = (nameOrId: string): Image | undefined => {
    const id = findId(state, nameOrId);
    return id === undefined ? undefined : get(id);
  };
  return {
    get,
    find,
    record: (id) => state.records.get(id),
    list: () => [...state.records.keys()].flatMap((id) => get(id) ?? []).sort(newestFirst),
    resolve: (nameOrId) => find(nameOrId) ?? missing(nameOrId),
    put(id, record) {
      images.put(id, record);
      state.records.set(id, record);
      state.views.delete(id);
    },
    delete(id) {
      images.delete(id);
      state.records.delete(id);
      state.views.delete(id);
    },
    names: namesOf,
    named: (reference) => state.names.get(canonicalReference(withDefaultTag(reference))),
    setName(reference, id) {
      const name = canonicalReference(withDefaultTag(reference));
      if (state.names.get(name) === id) return;
      names.put(name, id);
      state.views.delete(state.names.get(name) ?? '');
      state.views.delete(id);
      state.names.set(name, id);
    },
    deleteName(canonical) {
      names.delete(canonical);
      state.views.delete(state.names.get(canonical) ?? '');
      state.names.delete(canonical);
    },
  };
}

function imageOf(id: string, record: ImageRecord, names: readonly string[]): Image {
  const familiar = names.map((name) => parseReference(name));
  return {
    id,
    config: record.config,
    chainIds: record.chainIds,
    size: record.size,
    repoTags: familiar.filter(({ digest }) => digest === undefined).map(familiarReference),
    repoDigests: familiar.filter(({ digest }) => digest !== undefined).map(familiarReference),
    ...(record.parent === undefined ? {} : { parent: record.parent }),
    ...(record.lastTagTime === undefined ? {} : { lastTagTime: record.lastTagTime }),
  };
}

function newestFirst(a: Image, b: Image): number {
  const time = (image: Image): number => Date.parse(image.config.created ?? '') || 0;
  return time(b) - time(a) || (a.id < b.id ? -1 : 1);
}

function findId(state: State, nameOrId: string): string | undefined {
  if (isDigest(nameOrId)) return state.records.has(nameOrId) ? nameOrId : undefined;
  if (/^[0-9a-f]{64}$/.test(nameOrId))
    return state.records.has(`sha256:${nameOrId}`) ? `sha256:${nameOrId}` : undefined;
  const reference = withDefaultTag(parseReference(nameOrId));
  const { tag: _tag, ...untagged } = reference;
  const named = state.names.get(canonicalReference(reference.digest === undefined ? reference : untagged));
  if (named !== undefined) return named;
  const prefix = /^(?:sha256:)?([0-9a-f]+)$/.exec(nameOrId)?.[1];
  if (prefix === undefined) return undefined;
  const matches = [...state.records.keys()].filter((id) => id.startsWith(`sha256:${prefix}`));
  return matches.length === 1 ? matches[0] : undefined;
}

function missing(nameOrId: string): never {
  const id = /^[0-9a-f]{64}$/.test(nameOrId) ? `sha256:${nameOrId}` : nameOrId;
  const shown = isDigest(id) ? id : familiarReference(withDefaultTag(parseReference(nameOrId)));
  throw new EngineError('not-found', `No such image: ${shown}`);
}
