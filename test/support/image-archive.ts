/** Docker archives (`docker save`'s older form) made by hand, byte for byte as a test wants them. */
import { type Blob, makeImage } from './registry-image.ts';
import { handMadeTar, type HandEntry } from './tar-builder.ts';

export interface ArchivedByHand {
  readonly tags: readonly string[] | null;
  /** Tars, bottom first: what the configuration says. */
  readonly layers: readonly Buffer[];
  /** What is in the archive in their places; default: the same. */
  readonly files?: readonly Buffer[];
  /** Fields of the configuration in place of the usual ones. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More entries, before all others. */
  readonly more?: readonly HandEntry[];
}

/** Layers first, as tools that stream them do. */
export function dockerArchive({ tags, layers, files = layers, config = {}, more = [] }: ArchivedByHand): Buffer {
  const document = { ...JSON.parse(String(configOf(layers).bytes)), ...config } as object;
  const names = layers.map((_, i) => `${i}/layer.tar`);
  return handMadeTar([
    ...more,
    ...files.map((data, i) => ({ name: names[i] as string, data })),
    { name: 'config.json', data: JSON.stringify(document) },
    { name: 'manifest.json', data: JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: names }]) },
  ]);
}

function configOf(layers: readonly Buffer[]): Blob {
  return makeImage({ layers }).config;
}
