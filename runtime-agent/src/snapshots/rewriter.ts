/** A layer's tar, as it comes, into one that tar can be given: safe, in overlayfs' form (see layer-tree.ts). */
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { IdMapping } from '../host/id-mapping.ts';
import { createLayerTree } from './layer-tree.ts';
import type { RecipeWriter } from './recipe.ts';
import { BLOCK, encodeHeader, padding, type TarEntry } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';

export interface Rewriter {
  /** Throws EngineError('invalid'). */
  feed(chunk: Buffer): readonly Buffer[];
  end(): readonly Buffer[];
  /** Bytes of files and symlinks so far. */
  size(): number;
  /** Contents that were replaced in the same layer: number of the recipe's file record -> name in `lostDirectory`. */
  readonly lost: Readonly<Record<number, string>>;
  /** See LayerTree. */
  readonly implied: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
}

export interface RewriterOptions {
  readonly ids: IdMapping;
  readonly recipe?: RecipeWriter | undefined;
  /** Where contents go that a later entry replaces, relative to the layer's directory: `../x.lost`. */
  readonly lostDirectory: string;
  /** No two entries have one name: what the later does to the earlier is another thing to every tool. */
  readonly distinct?: boolean;
  /** No layer: an archive, in which nothing hides anything. */
  readonly isPlain?: boolean;
}

const ZEROS = Buffer.alloc(BLOCK);

interface State extends RewriterOptions {
  out: Buffer[];
  /** The data of the current entry goes to tar. */
  passing: boolean;
  /** It is named in the recipe, not copied there. */
  named: boolean;
  left: number;
  pad: number;
  size: number;
  /** Path -> number of its record in the recipe. */
  readonly contents: Map<string, number>;
  records: number;
  readonly lost: Record<number, string>;
}

export function createRewriter(options: RewriterOptions): Rewriter {
  const tree = createLayerTree(options.isPlain);
  const state: State = {
    ...options,
    out: [],
    passing: false,
    named: false,
    left: 0,
    pad: 0,
    size: 0,
    contents: new Map(),
    records: 0,
    lost: {},
  };
  const names = new Set<string>();
  const reader = createTarReader({
    entry: (entry) => {
      if (options.distinct) noteName(names, entry.name);
      startEntry(state, entry, tree.place(entry));
    },
    data: (chunk) => passData(state, chunk),
    other: (chunk) => state.recipe?.raw(chunk),
  });
  const take = (): Buffer[] => {
    const { out } = state;
    state.out = [];
    return out;
  };
  return {
    feed(chunk) {
      reader.feed(chunk);
      return take();
    },
    end() {
      reader.end();
      state.out.push(Buffer.alloc(2 * BLOCK));
      return take();
    },
    size: () => state.size,
    lost: state.lost,
    implied: tree.implied,
    links: tree.links,
  };
}

function noteName(names: Set<string>, name: string): void {
  const cleaned = path.posix.normalize(name).replace(/\/$/, '');
  if (!names.has(cleaned)) names.add(cleaned);
  else
    throw new EngineError(
      'invalid',
      `duplicates of file paths not supported: ${JSON.stringify(cleaned)} is in the layer twice`,
    );
}

function startEntry(state: State, entry: TarEntry, placed: readonly TarEntry[]): void {
  for (const one of placed) {
    if (state.contents.has(one.name)) keepContents(state, one.name);
    state.out.push(encodeHeader({ ...one, ...state.ids.toHost(one) }));
  }
  const last = placed.at(-1);
  state.passing = last?.type === '0';
  state.left = state.passing ? entry.size : 0;
  state.pad = padding(state.left);
  if (state.passing) state.size += entry.size;
  else if (entry.type === '2') state.size += entry.linkName.length;
  // What a sparse entry's data is in the archive is not what is in the file.
  const isSparse = entry.oldSparse !== undefined || entry.sparse.length > 0;
  state.named = state.recipe !== undefined && state.left > 0 && !isSparse;
  if (!state.named || last === undefined) return;
  state.recipe?.file(last.name, entry.size);
  state.contents.set(last.name, state.records++);
}

function passData(state: State, chunk: Buffer): void {
  if (!state.named) state.recipe?.raw(chunk);
  if (!state.passing) return;
  state.out.push(chunk);
  state.left -= chunk.length;
  if (state.left === 0 && state.pad > 0) state.out.push(ZEROS.subarray(0, state.pad));
}

/** Has tar hard-link the file elsewhere before it is replaced: the recipe needs its content. */
function keepContents(state: State, name: string): void {
  const number = state.contents.get(name) as number;
  state.contents.delete(name);
  if (Object.keys(state.lost).length === 0) state.out.push(encodeHeader(plain('5', state.lostDirectory)));
  state.lost[number] = String(number);
  state.out.push(encodeHeader({ ...plain('1', `${state.lostDirectory}/${number}`), linkName: name }));
}

function plain(type: '1' | '5', name: string): TarEntry {
  const numbers = { mode: 0o700, uid: 0, gid: 0, size: 0, deviceMajor: 0, deviceMinor: 0 };
  return { type, name, linkName: '', mtime: '0', xattrs: [], sparse: [], ...numbers };
}
