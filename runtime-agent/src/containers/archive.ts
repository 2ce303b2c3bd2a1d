/** `HEAD`, `GET` and `PUT /containers/{id}/archive`: what `docker cp` uses. */
import path from 'node:path';
import type { Readable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import { readAccounts } from './accounts.ts';
import type { Container } from './container.ts';
import { type ContainerContext, publish } from './context.ts';
import { type ContainerView, openView, type Resolved, resolvePlace, viewBelow } from './files/container-view.ts';
import { holdingStream } from './files/holding-stream.ts';
import { packTree } from './files/pack.ts';
import { type PathStat, pathStat } from './files/path-stat.ts';
import { unpackTree } from './files/unpack.ts';
import { containerPaths } from './rootfs.ts';
import { resolveUser } from './spec/user.ts';
import { publishVolumes } from './volume-events.ts';

export interface PutOptions {
  /** A directory must not replace a file, nor a file a directory. */
  readonly noOverwriteDirNonDir: boolean;
  /** What is written belongs to the container's user. */
  readonly copyUidGid: boolean;
}

export interface Archive {
  readonly stat: PathStat;
  readonly tar: Readable;
}

/** Docker mounts a container's volumes anew for each copy, and tells so. */
async function openFiles(context: ContainerContext, container: Container): Promise<ContainerView> {
  const view = await openView(context, container);
  publishVolumes(context, container.record, 'mount');
  return {
    ...view,
    async [Symbol.asyncDispose]() {
      await view[Symbol.asyncDispose]();
      publishVolumes(context, container.record, 'unmount');
    },
  };
}

async function find(view: ContainerView, reference: string, place: string, follow: boolean): Promise<Resolved> {
  if (place === '') throw new EngineError('invalid', 'path cannot be empty');
  if (place.includes('\0')) throw new EngineError('invalid', 'path holds a NUL byte');
  try {
    const found = await resolvePlace(view, place, follow);
    if (!/[^/]\/\.?$/.test(place) || found.stat.isDirectory() || found.stat.isSymbolicLink()) return found;
    await found[Symbol.asyncDispose]();
    throw new EngineError('internal', `lstat ${place}: not a directory`);
  } catch (error) {
    throw missing(error, reference, place);
  }
}

/** Whatever is not there, Docker says it of the place that was asked for. */
function missing(error: unknown, reference: string, place: string): unknown {
  if (!(error instanceof EngineError && error.code === 'not-found')) return error;
  return new EngineError('not-found', `Could not find the file ${place} in container ${reference}`, { cause: error });
}

export async function statArchive(context: ContainerContext, reference: string, place: string): Promise<PathStat> {
  const container = context.store.find(reference);
  await using view = await openFiles(context, container);
  await using found = await find(view, reference, place, false);
  return await pathStat(view, found, place);
}

/** `/etc/.` packs as `./…`, all else under its own name. */
function nameInArchive(place: string): string {
  if (/(^|\/)\.\/*$/.test(place)) return '.';
  return path.posix.basename(path.posix.normalize(`/${place}`)) || '/';
}

/**
 * Where the runtime mounts what is the kernel's: Docker, which mounts a container's files anew for a copy, has them empty.
 * Files there have no size or no end.
 */
const KERNELS = new Set(['/proc', '/sys', '/dev']);

export async function getArchive(context: ContainerContext, reference: string, place: string): Promise<Archive> {
  const container = context.store.find(reference);
  await using stack = new AsyncDisposableStack();
  const view = stack.use(await openFiles(context, container));
  const found = stack.use(await find(view, reference, place, false));
  const stat = await pathStat(view, found, place);
  publish(context, container, 'archive-path');
  const entries = packTree(context.host, view, found, { name: nameInArchive(place), hidden: KERNELS });
  return { stat, tar: holdingStream(entries, stack.move()) };
}

/** Throws when the container's processes could not write there either. */
function checkWritable(container: Container, place: string): void {
  const below = (mount: string): boolean => place === mount || place.startsWith(`${mount}/`);
  const mount = container.record.mounts
    .filter(({ destination }) => below(destination))
    .sort((a, b) => b.destination.length - a.destination.length)[0];
  if (mount !== undefined) {
    if (!mount.rw) throw new EngineError('invalid', 'mounted volume is marked read-only');
    return;
  }
  if (container.record.hostConfig.ReadonlyRootfs) {
    throw new EngineError('invalid', 'container rootfs is marked read-only');
  }
}

async function ownerOf(view: ContainerView, container: Container, options: PutOptions) {
  const { User = '' } = container.record.config;
  if (!options.copyUidGid || User === '') return undefined;
  const { uid, gid } = resolveUser(User, [], await readAccounts(view.root));
  return { uid, gid };
}

export async function putArchive(
  context: ContainerContext,
  reference: string,
  place: string,
  tar: Readable,
  options: PutOptions,
): Promise<void> {
  const container = context.store.find(reference);
  await using view = await openFiles(context, container);
  await using found = await find(view, reference, place, true);
  if (!found.stat.isDirectory()) throw new EngineError('invalid', 'extraction point is not a directory');
  checkWritable(container, found.place);
  await using below = await viewBelow(view, found);
  await unpackTree(tar, {
    host: context.host,
    view: below,
    directory: found.place,
    keepKinds: options.noOverwriteDirNonDir,
    scratch: containerPaths(context.dataRoot, container.record.id).directory,
    owner: await ownerOf(view, container, options),
  }).catch((error: unknown) => Promise.reject(missing(error, reference, place)));
  publish(context, container, 'extract-to-dir');
}
