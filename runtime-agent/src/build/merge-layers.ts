/** Several layers as one that does the same to what lies below them. */
import { lstatSync, readdirSync, rmSync, type Stats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { extractOwn } from '../snapshots/unpack.ts';
import type { RootMounts } from './mounted-root.ts';
import { chainIdsOf, type Layer } from './steps/stage-result.ts';

export interface MergeLayersTools {
  readonly host: Host;
  readonly mounts: RootMounts;
  readonly snapshots: Pick<SnapshotStore, 'lowerDirs'>;
  readonly signal: AbortSignal;
}

/** @param all `below` and those that become one, bottom first */
export async function mergeLayers(
  below: readonly Layer[],
  all: readonly Layer[],
  { host, mounts, snapshots, signal }: MergeLayersTools,
): Promise<Layer> {
  await using stack = new AsyncDisposableStack();
  const before = stack.use(await mounts.open(chainIdsOf({ layers: below })));
  const after = stack.use(await mounts.open(chainIdsOf({ layers: all })));
  const layers = all.slice(below.length).flatMap(({ chainId }) => snapshots.lowerDirs([chainId]));
  const names = changedFiles({ before: before.path, after: after.path, layers, signal });
  const list = path.join(stack.use(await mounts.scratch()).path, 'names');
  await writeFile(list, bytes(names.map((name) => `./${name}\0`).join('')));
  const attributes = ['--format=posix', '--xattrs', '--xattrs-include=*', '--numeric-owner'];
  const words = ['--create', '--file=-', '--no-recursion', ...attributes, '--null', `--files-from=${list}`];
  const tar = host.spawn('tar', words, { cwd: after.path, stdout: 'pipe', stderr: 'ignore' });
  await extractOwn(host, before.path, tar.stdout as AsyncIterable<Buffer>);
  if ((await tar.exited) !== 0) throw new EngineError('internal', 'cannot read the layers that are to be one');
  signal.throwIfAborted();
  const { chainId, diffId } = await before.commit();
  return { chainId, diffId };
}

interface Change {
  /** Mounted. What `after` has not is removed here. */
  readonly before: string;
  readonly after: string;
  /** Directories of the layers in between. */
  readonly layers: readonly string[];
  readonly signal: AbortSignal;
}

/** What the layers touched and `after` has, folders before what is in them; names are bytes, in latin1. */
function changedFiles({ before, after, layers, signal }: Change): string[] {
  const found: string[] = [];
  const visit = (folder: string, touching: readonly string[]): void => {
    signal.throwIfAborted();
    const inside = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
    const present = new Set(namesIn(after, folder));
    for (const name of namesIn(before, folder)) if (!present.has(name)) remove(before, inside(name));
    for (const name of new Set(touching.flatMap((layer) => namesIn(layer, folder)))) {
      if (!present.has(name)) continue;
      const file = inside(name);
      const isFolder = statsOf(after, file)?.isDirectory() === true;
      if (statsOf(before, file)?.isDirectory() !== isFolder) remove(before, file);
      found.push(file);
      const deeper = touching.filter((layer) => statsOf(layer, file)?.isDirectory());
      if (isFolder) visit(file, deeper);
    }
  };
  visit('', layers);
  return found;
}

const bytes = (name: string): Buffer => Buffer.from(name, 'latin1');
const inRoot = (root: string, name: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), bytes(name)]);

/** `name` passes no symlink: that each folder on its way is one was seen before. */
function statsOf(root: string, name: string): Stats | undefined {
  return lstatSync(inRoot(root, name), { throwIfNoEntry: false });
}

/** None, where it is no folder. */
function namesIn(root: string, folder: string): string[] {
  if (folder !== '' && statsOf(root, folder)?.isDirectory() !== true) return [];
  return readdirSync(inRoot(root, folder), { encoding: 'latin1' });
}

function remove(root: string, name: string): void {
  rmSync(inRoot(root, name), { recursive: true, force: true });
}
