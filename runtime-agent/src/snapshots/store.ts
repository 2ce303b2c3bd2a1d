/**
 * The snapshot store on disk. Under its root: `<diff id hex>/` the unpacked layers, beside it `.recipe` (and `.lost`) by
 * which the tar of a layer that came from nowhere else is made again, `l/<short>` symlinks that keep overlayfs' lowerdir
 * list within the page that mount(2) takes, `tmp/` what is being made. Layers with the same content are one directory,
 * whatever they lie on: a chain id is a record that names it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { chainId } from '#model/oci/chain-id.ts';
import { digestHex } from '#model/oci/digest.ts';
import type { Host } from '../host/host.ts';
import type { Collection, Database } from '../state/collection.ts';
import { upperChanges } from './changes.ts';
import { type Durability, openDurability } from './durability.ts';
import { extractNew } from './extract-new.ts';
import { createKnownLayers, type KnownLayers } from './known-layers.ts';
import { contentSize, type NewLayer } from './new-layer.ts';
import { followRecipe, openRecipe } from './recipe.ts';
import { prepareStore } from './prepare-store.ts';
import { repackLayer } from './repack.ts';
import type { MadeLayer, Snapshot, Snapshots } from './snapshots.ts';
import { LOST, unpackLayer } from './unpack.ts';

export interface SnapshotStore extends Snapshots {
  find(chainId: string): Snapshot | undefined;
  all(): readonly Snapshot[];
  /** Records the chain when a layer of that content is here already; undefined when it is not. */
  adopt(parent: string | undefined, diffId: string): Snapshot | undefined;
  /** Forgets chains, and deletes the layers that no other chain names. The caller knows that nothing uses them. */
  remove(chainIds: readonly string[]): Promise<void>;
  /**
   * Looks at the layers that were not on disk when the machine went down, and makes again what it can. Gives the diff ids
   * of those that are lost: no chain names them any more.
   */
  recover(): Promise<readonly string[]>;
  /** Resolves when the layers made so far are on disk. */
  settled(): Promise<void>;
}

/** One layer directory. `tarFrom`: how its tar is made again. */
interface LayerRecord {
  readonly short: string;
  readonly size: number;
  readonly tarSize: number;
  readonly tarFrom: 'recipe' | 'directory' | 'blob';
  /** See recipe.ts. */
  readonly lost?: Readonly<Record<number, string>>;
}

interface ChainRecord {
  readonly diffId: string;
  readonly parent?: string;
  readonly made: number;
}

export interface SnapshotDependencies {
  readonly host: Host;
  readonly database: Database;
  readonly root: string;
  /** The uncompressed tar of a layer whose caller said that it keeps the blob. */
  readonly blobTar: (diffId: string) => Promise<Readable>;
  /** See DurabilityDependencies. */
  readonly bootId?: string;
}

const EMPTY = 'empty';
const RECIPE = '.recipe';
/** Layers of images that are in use. */
const RECENT = 256;

export function openSnapshots(dependencies: SnapshotDependencies): SnapshotStore {
  const layers = dependencies.database.collection<LayerRecord>('layers', RECENT);
  const chains = dependencies.database.collection<ChainRecord>('chains', RECENT);
  const durability = openDurability(dependencies);
  const store: Store = { ...dependencies, layers, chains, durability, working: new Map(), known: createKnownLayers() };
  prepareStore({
    ...dependencies,
    empty: EMPTY,
    layers: layers.all().map(({ id, value }) => ({ hex: digestHex(id), short: value.short })),
  });
  durability.settle(); // what an engine left that was ended before it came to it
  const find = (id: string): Snapshot | undefined => {
    const chain = chains.get(id);
    const layer = chain && layers.get(chain.diffId);
    return chain && layer && snapshotOf(id, chain, layer);
  };
  return {
    find,
    has: (id) => find(id) !== undefined,
    all: () => chains.all().flatMap(({ id }) => find(id) ?? []),
    adopt: (parent, diffId) => (layers.get(diffId) ? record(store, parent, diffId) : undefined),
    lowerDirs: (ids) => lowerDirs(store, ids),
    apply: (parent, tar, expect) => apply(store, parent, tar, expect),
    commitUpper: (parent, upper, options) => commitUpper(store, parent, upper, options),
    assemble: (parent, layer, options) => assemble(store, parent, layer, options),
    tar: (id) => chainTar(store, id),
    changes: upperChanges.bind(undefined, store.host),
    remove: (ids) => remove(store, ids),
    recover: () => recover(store),
    settled: () => durability.settled(),
  };
}

interface Store extends SnapshotDependencies {
  readonly layers: Collection<LayerRecord>;
  readonly chains: Collection<ChainRecord>;
  readonly durability: Durability;
  /** Layers being unpacked, by diff id. */
  readonly working: Map<string, Promise<unknown>>;
  readonly known: KnownLayers;
}

const at = (store: Store, ...parts: string[]): string => path.join(store.root, ...parts);
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function snapshotOf(id: string, { diffId, made }: ChainRecord, { size, tarSize }: LayerRecord): Snapshot {
  return { chainId: id, diffId, size, tarSize, made };
}

function record(store: Store, parent: string | undefined, diffId: string, { made }: MadeLayer = {}): Snapshot {
  const id = chainId(parent, diffId, sha256);
  const layer = store.layers.get(diffId);
  if (layer === undefined) throw new EngineError('not-found', `layer ${diffId} is not in the snapshot store`);
  const known = store.chains.get(id);
  const chain = known ?? { diffId, ...(parent === undefined ? {} : { parent }), made: Date.now() };
  if (known === undefined) store.chains.put(id, chain);
  made?.(id);
  return snapshotOf(id, chain, layer);
}

/** Of equal layers in one stack only the topmost counts: it shows all that the lower one would; overlayfs refuses both. */
function lowerDirs(store: Store, ids: readonly string[]): string[] {
  const shorts = ids.map((id) => {
    const chain = store.chains.get(id);
    const layer = chain && store.layers.get(chain.diffId);
    if (layer === undefined) throw new EngineError('not-found', `layer ${id} is not in the snapshot store`);
    return layer.short;
  });
  const top = [...new Set(shorts.reverse())];
  return top.length === 0 ? [at(store, EMPTY)] : top.map((short) => at(store, 'l', short));
}

type Expect = Parameters<Snapshots['apply']>[2];

async function apply(store: Store, parent: string | undefined, tar: Readable, expect?: Expect): Promise<Snapshot> {
  const diffId = expect?.diffId;
  tar.on('error', () => {}); // seen when it is read; until then it must not end the engine
  if (diffId !== undefined) {
    await store.working.get(diffId)?.catch(() => {});
    if (store.layers.get(diffId)) {
      tar.destroy();
      return record(store, parent, diffId);
    }
  }
  const work = applyNew(store, tar, expect);
  if (diffId !== undefined) store.working.set(diffId, work);
  try {
    return record(store, parent, await work);
  } finally {
    if (diffId !== undefined) store.working.delete(diffId);
  }
}

async function applyNew(store: Store, tar: Readable, expect: Expect): Promise<string> {
  const directory = await workDirectory(store);
  const recipe = expect?.blobKept ? undefined : openRecipe(directory + RECIPE);
  try {
    const distinct = expect?.distinct ?? false;
    const done = await unpackLayer({ host: store.host, directory, tar, recipe, distinct });
    if (expect?.diffId !== undefined && done.diffId !== expect.diffId) {
      throw new EngineError(
        'invalid',
        `layers from manifest don't match image configuration: a layer's content is ${done.diffId}, not ${expect.diffId}`,
      );
    }
    await recipe?.close();
    const { diffId, size, tarSize, lost } = done;
    const more = Object.keys(lost).length === 0 ? {} : { lost };
    publish(store, diffId, directory, { size, tarSize, ...more, tarFrom: recipe ? 'recipe' : 'blob' });
    return diffId;
  } catch (error) {
    tar.destroy();
    throw error;
  } finally {
    await recipe?.close().catch(() => {});
    await discard(store, directory, directory + RECIPE, directory + LOST);
  }
}

async function workDirectory(store: Store): Promise<string> {
  const directory = at(store, 'tmp', randomBytes(8).toString('hex'));
  await mkdir(directory, { mode: 0o755 });
  return directory;
}

async function discard(store: Store, ...paths: string[]): Promise<void> {
  const there = paths.filter((file) => existsSync(file));
  if (there.length > 0) await store.host.run('rm', ['-rf', '--', ...there]);
}

/** Moves a finished directory in place. When the same layer got there first, the caller's is left for it to discard. */
function publish(store: Store, diffId: string, directory: string, layer: Omit<LayerRecord, 'short'>): void {
  if (store.layers.get(diffId)) return;
  const hex = digestHex(diffId);
  // Nothing awaits from here to the record: no other work can take the names in between.
  for (const suffix of ['', RECIPE, LOST]) {
    if (existsSync(directory + suffix)) renameSync(directory + suffix, at(store, hex + suffix));
  }
  const short = shortName(store, hex);
  store.database.transaction(() => {
    store.durability.note(diffId);
    store.layers.put(diffId, { ...layer, short });
  });
  store.durability.settle();
}

function shortName(store: Store, hex: string): string {
  for (;;) {
    const short = randomBytes(5).toString('base64url').replace(/^-/, '_');
    try {
      symlinkSync(`../${hex}`, at(store, 'l', short));
      return short;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function commitUpper(
  store: Store,
  parent: string | undefined,
  upper: string,
  options: MadeLayer & { readonly keepUpper?: boolean } = {},
): Promise<Snapshot> {
  let directory = upper;
  if (options.keepUpper) {
    directory = await workDirectory(store);
    await store.host.run('cp', ['--archive', '--reflink=auto', '--no-target-directory', '--', upper, directory]);
  }
  try {
    const hash = createHash('sha256');
    let size = 0;
    let tarSize = 0;
    const onFile = (bytes: number): void => void (size += bytes);
    const scratch = `${directory}.${randomBytes(4).toString('hex')}.tar`;
    for await (const chunk of repackLayer({ host: store.host, directory, onFile, scratch })) {
      hash.update(chunk);
      tarSize += chunk.length;
    }
    const diffId = `sha256:${hash.digest('hex')}`;
    publish(store, diffId, directory, { size, tarSize, tarFrom: 'directory' });
    return record(store, parent, diffId, options);
  } finally {
    await discard(store, directory);
  }
}

async function assemble(
  store: Store,
  parent: string | undefined,
  layer: NewLayer,
  options: MadeLayer & { readonly signal?: AbortSignal } = {},
): Promise<Snapshot> {
  const known = store.known.find(layer);
  if (known !== undefined && store.layers.get(known)) return record(store, parent, known, options);
  const directory = await workDirectory(store);
  try {
    const { diffId, tarSize } = await extractNew(store.host, directory, layer, options.signal);
    store.known.remember(layer, diffId);
    publish(store, diffId, directory, { size: contentSize(layer), tarSize, tarFrom: 'directory' });
    return record(store, parent, diffId, options);
  } finally {
    await discard(store, directory);
  }
}

async function chainTar(store: Store, id: string): Promise<Readable> {
  const diffId = store.chains.get(id)?.diffId;
  if (diffId === undefined) throw new EngineError('not-found', `layer ${id} is not in the snapshot store`);
  return await layerTar(store, diffId);
}

async function layerTar(store: Store, diffId: string): Promise<Readable> {
  const layer = store.layers.get(diffId);
  if (layer === undefined) throw new EngineError('not-found', `layer ${diffId} is not in the snapshot store`);
  const directory = at(store, digestHex(diffId));
  switch (layer.tarFrom) {
    case 'recipe': {
      const source = { recipe: directory + RECIPE, directory, lostDirectory: directory + LOST, lost: layer.lost ?? {} };
      return Readable.from(verified(followRecipe(source), diffId), { objectMode: false });
    }
    case 'blob':
      return store.blobTar(diffId);
    case 'directory':
      return Readable.from(verified(repackLayer({ host: store.host, directory }), diffId), { objectMode: false });
  }
}

/** The same chunks; fails at the end when they are not what they were: somebody changed the directory. */
async function* verified(chunks: AsyncIterable<Buffer>, diffId: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  if (`sha256:${hash.digest('hex')}` !== diffId)
    throw new EngineError('internal', `layer ${diffId} was changed on disk`);
}

async function remove(store: Store, ids: readonly string[]): Promise<void> {
  const gone: string[] = [];
  store.database.transaction(() => {
    const touched = new Set(ids.flatMap((id) => store.chains.get(id)?.diffId ?? []));
    for (const id of ids) store.chains.delete(id);
    const used = new Set(store.chains.all().map(({ value }) => value.diffId));
    for (const diffId of touched) {
      const layer = store.layers.get(diffId);
      if (used.has(diffId) || layer === undefined) continue;
      store.layers.delete(diffId);
      store.durability.forget(diffId);
      const hex = digestHex(diffId);
      gone.push(at(store, 'l', layer.short), ...['', RECIPE, LOST].map((suffix) => at(store, hex + suffix)));
    }
  });
  // Renamed first: the names are free at once for a new unpacking of the same layer.
  const junk = gone.flatMap((file) => {
    const aside = at(store, 'tmp', randomBytes(8).toString('hex'));
    try {
      renameSync(file, aside);
      return [aside];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // most layers have no recipe, or nothing lost
      throw error;
    }
  });
  if (junk.length > 0) await store.host.run('rm', ['-rf', '--', ...junk]);
}

async function recover(store: Store): Promise<string[]> {
  const lost: string[] = [];
  for (const diffId of store.durability.suspects()) {
    if (await isWhole(store, diffId)) store.durability.note(diffId);
    else lost.push(diffId);
  }
  const chains = store.chains.all().filter(({ value }) => lost.includes(value.diffId));
  await remove(
    store,
    chains.map(({ id }) => id),
  );
  for (const diffId of lost) store.durability.forget(diffId);
  store.durability.settle();
  return lost;
}

/** Of layers whose blob is kept the directory is made anew; of others the tar that is made of it tells. */
async function isWhole(store: Store, diffId: string): Promise<boolean> {
  const layer = store.layers.get(diffId);
  if (layer === undefined) return false;
  try {
    const tar = await layerTar(store, diffId);
    if (layer.tarFrom === 'blob') await unpackAgain(store, diffId, tar);
    else for await (const _ of tar);
    return true;
  } catch {
    return false;
  }
}

async function unpackAgain(store: Store, diffId: string, tar: Readable): Promise<void> {
  const directory = await workDirectory(store);
  const aside = at(store, 'tmp', randomBytes(8).toString('hex'));
  try {
    const done = await unpackLayer({ host: store.host, directory, tar });
    if (done.diffId !== diffId) throw new EngineError('invalid', `the blob of layer ${diffId} is damaged`);
    const place = at(store, digestHex(diffId));
    if (existsSync(place)) renameSync(place, aside);
    renameSync(directory, place);
  } finally {
    await discard(store, directory, aside);
  }
}
