/**
 * Archives of `docker save` before Docker 1.10: `repositories` names images, each image is a folder with its `json` and
 * `layer.tar`, and knows its parent. They get the configurations that today's Docker gives them when it loads them.
 */
import { EngineError } from '#model/engine-api/errors.ts';
import type { ArchivedImage, ReadDocument } from './archive-index.ts';

export interface OldArchive {
  readonly read: ReadDocument;
  /** Of a layer of the archive. Throws EngineError('invalid') when there is none. */
  readonly diffId: (path: string) => string;
  /** Adds a configuration to the archive, by the path that the image gets. */
  readonly add: (path: string, text: string) => void;
}

/** More than any image has layers: parents that go in circles. */
const DEPTH = 1000;
/** Of the image's own json, not of a configuration. */
const OWN = ['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway'];

type Json = Readonly<Record<string, unknown>>;

/** @param text of the `repositories`. Throws EngineError('invalid'). */
export function oldImages(archive: OldArchive, text: string): ArchivedImage[] {
  const images = new Map<string, { tags: string[]; layers: readonly string[] }>();
  for (const [name, tags] of Object.entries(object(text, 'repositories'))) {
    for (const [tag, id] of Object.entries(isRecord(tags) ? tags : {})) {
      if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) throw malformed('repositories');
      const image = images.get(id) ?? { tags: [], layers: addConfig(archive, id) };
      image.tags.push(`${name}:${tag}`);
      images.set(id, image);
    }
  }
  return [...images].map(([id, image]) => ({ config: configPath(id), ...image }));
}

const configPath = (id: string): string => `${id}/config`;

/** Gives the paths of the layers. */
function addConfig({ read, diffId, add }: OldArchive, top: string): string[] {
  const chain: { readonly id: string; readonly json: Json }[] = [];
  for (let id: unknown = top; typeof id === 'string' && id !== ''; id = chain[0]?.json['parent']) {
    const text = read(`${id}/json`);
    if (text === undefined) throw new EngineError('invalid', `the archive lacks ${id}/json`);
    if (chain.length === DEPTH) throw new EngineError('invalid', `the parents of ${top} in the archive have no end`);
    chain.unshift({ id, json: object(text, `${id}/json`) });
  }
  const layers = chain.map(({ id }) => `${id}/layer.tar`);
  const rootfs = { type: 'layers', diff_ids: layers.map(diffId) };
  const history = chain.map(({ json }) => historyOf(json));
  const { json } = chain.at(-1) as { readonly json: Json };
  const fields = Object.entries({ ...json, rootfs, history }).filter(([name]) => !OWN.includes(name));
  fields.sort(([a], [b]) => (a < b ? -1 : 1)); // as Go writes a map: the image's id depends on it
  add(configPath(top), goText(Object.fromEntries(fields)));
  return layers;
}

const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function historyOf({ created, author, comment, container_config: made }: Json): Json {
  const command = isRecord(made) && Array.isArray(made['Cmd']) ? made['Cmd'].join(' ') : '';
  const fields = { created, author, created_by: command, comment };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'string' && value !== ''));
}

/** As encoding/json writes it. */
function goText(value: object): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escape);
}

function object(text: string, what: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {}
  throw malformed(what);
}

const malformed = (what: string): EngineError => new EngineError('invalid', `the ${what} of the archive is malformed`);
