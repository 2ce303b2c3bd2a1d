/**
 * A container's files as its processes see them, running or not, without ever leaving its root: every component is opened
 * relative to the one before and no link is followed by the kernel, so that not even a container that swaps a directory
 * for a link at this very moment leads the engine astray.
 */
import { constants, existsSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { IdMapping } from '../../host/id-mapping.ts';
import { isRunning, type Container } from '../container.ts';
import type { ContainerContext } from '../context.ts';
import { systemError } from './system-error.ts';
import { containerPaths, mountRootfs, unmountRootfs } from '../rootfs.ts';

/** linux/fcntl.h; Node does not name it. */
const O_PATH = 0o10000000;
const DIRECTORY = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const LINK_LIMIT = 255;

export interface ContainerView extends AsyncDisposable {
  readonly ids: IdMapping;
  /** Where the host keeps the container's root. */
  readonly root: string;
  /** By place in the container: the host's directory or file that is mounted there, where `root` does not show it. */
  readonly mounts: ReadonlyMap<string, MountedPlace>;
}

export interface MountedPlace {
  readonly source: string;
  readonly rw: boolean;
}

/**
 * undefined when the container does not run. Its root is held open: the process may end while it is looked at. Waits when it
 * has ended and that has not been noted yet.
 */
async function runningView({ host }: ContainerContext, container: Container): Promise<ContainerView | undefined> {
  const pid = container.record.state.process?.pid;
  if (!isRunning(container) || pid === undefined) return undefined;
  const root = await open(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY).catch(() => undefined);
  if (root === undefined) {
    await container.run?.exited.catch(() => {});
    return undefined;
  }
  const dispose = (): Promise<void> => root.close();
  return { ids: host.ids, root: `/proc/self/fd/${root.fd}`, mounts: new Map(), [Symbol.asyncDispose]: dispose };
}

/** Keeps a container's lock until it is disposed. */
async function holdLock(container: Container): Promise<Disposable> {
  const { promise: done, resolve: release } = Promise.withResolvers<void>();
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  void container.lock.run(async () => {
    enter();
    await done;
  });
  await entered;
  return { [Symbol.dispose]: () => release() };
}

/**
 * Of a running container through its first process. Of another the root file system is mounted for the while, and the
 * container cannot be started until the view is disposed: two overlays must not share an upper directory.
 */
export async function openView(context: ContainerContext, container: Container): Promise<ContainerView> {
  for (;;) {
    const running = await runningView(context, container);
    if (running !== undefined) return running;
    using held = new DisposableStack();
    held.use(await holdLock(container));
    if (context.store.byId(container.id) === undefined) {
      throw new EngineError('not-found', `No such container: ${container.id}`); // it was removed meanwhile
    }
    if (!isRunning(container)) return await stoppedView(context, container, held);
  }
}

async function stoppedView(
  context: ContainerContext,
  { record }: Container,
  held: DisposableStack,
): Promise<ContainerView> {
  await mountRootfs(context, record);
  const lock = held.move();
  const paths = containerPaths(context.dataRoot, record.id);
  const own = [
    ['/etc/hostname', paths.hostname],
    ['/etc/hosts', paths.hosts],
    ['/etc/resolv.conf', paths.resolvConf],
  ] as const;
  const mounts = new Map<string, MountedPlace>([
    // As of the last time that it ran.
    ...own.filter(([, source]) => existsSync(source)).map(([place, source]) => [place, { source, rw: true }] as const),
    ...record.mounts.map((mount) => [mount.destination, mount] as const),
  ]);
  for (const [place, { source }] of mounts) if (source === '') mounts.delete(place);
  return {
    ids: context.host.ids,
    root: paths.rootfs,
    mounts,
    async [Symbol.asyncDispose]() {
      try {
        await unmountRootfs(context, record.id);
      } finally {
        lock.dispose();
      }
    },
  };
}

/** A directory of the container, held open. */
export interface OpenDirectory extends AsyncDisposable {
  /** Absolute in the container, without links. */
  readonly place: string;
  /** A path of the host that means this directory as long as it is open. */
  readonly path: string;
}

export interface Resolved extends AsyncDisposable {
  readonly parent: OpenDirectory;
  /** '' when it is the root. */
  readonly name: string;
  /** Absolute in the container, without links before the last component. */
  readonly place: string;
  /** A path of the host. */
  readonly path: string;
  readonly stat: Stats;
}

function directoryOf(handle: FileHandle, place: string): OpenDirectory {
  return { place, path: `/proc/self/fd/${handle.fd}`, [Symbol.asyncDispose]: () => handle.close() };
}

async function openDirectory(view: ContainerView, file: string, place: string): Promise<OpenDirectory> {
  const mounted = view.mounts.get(place);
  // The root of a view is a link of /proc for a running container; what users mounted they may have given as a link.
  const flags = mounted === undefined && place !== '/' ? DIRECTORY : O_PATH | constants.O_DIRECTORY;
  return directoryOf(await open(mounted?.source ?? file, flags), place);
}

export function notFound(place: string, cause?: unknown): EngineError {
  return new EngineError('not-found', `no such file or directory: ${place}`, { cause });
}

function failure(error: unknown, place: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return notFound(place, error);
  if (code === 'ENOTDIR' || code === 'ELOOP') return new EngineError('internal', `lstat ${place}: not a directory`);
  return systemError(error, path.posix.join('/', place));
}

/** How a tar entry's place is found: its directory is all that there is, and what leads out of it is refused. */
export interface BelowOptions {
  /** Makes a directory that is missing on the way, the last one too. Without: it is not found. */
  readonly make?: (path: string) => Promise<void>;
}

function mountsBelow({ mounts }: ContainerView, place: string): ContainerView['mounts'] {
  const above = place === '/' ? '' : place;
  const inside = [...mounts].filter(([at]) => at.startsWith(`${above}/`));
  return new Map(inside.map(([at, mounted]) => [at.slice(above.length), mounted]));
}

/** A directory of the view as a view of its own. */
export async function viewBelow(view: ContainerView, { path: file, place }: Resolved): Promise<ContainerView> {
  const directory = await openDirectory(view, file, place);
  return {
    ids: view.ids,
    root: directory.path,
    mounts: mountsBelow(view, place),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** The directories from the root to where a walk is. */
interface Walk {
  readonly stack: OpenDirectory[];
  readonly pending: string[];
  readonly below: BelowOptions | undefined;
  links: number;
  /** An absolute link has been followed: it began at the root, and nothing after it leads out. */
  fromRoot: boolean;
}

const components = (text: string): string[] => text.split('/').filter((part) => part !== '' && part !== '.');

/** What is wrong with a place of an archive, in Docker's words for those. */
function inArchive({ below }: Walk, place: string, problem: string): EngineError | undefined {
  return below && new EngineError('internal', `statat ${place.slice(1)}: ${problem}`);
}

/** Looks at a component; makes it where that is wanted. */
async function look({ below }: Walk, file: string): Promise<Stats> {
  try {
    return await lstat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || below?.make === undefined) throw error;
    await below.make(file);
    return await lstat(file);
  }
}

async function followLink(walk: Walk, link: string, place: string): Promise<void> {
  if (++walk.links > LINK_LIMIT) {
    const problem = 'too many levels of symbolic links';
    throw inArchive(walk, place, problem) ?? new EngineError('invalid', `${place}: ${problem}`);
  }
  const target = await readlink(link);
  if (target.startsWith('/')) {
    walk.fromRoot = true;
    while (walk.stack.length > 1) await walk.stack.pop()?.[Symbol.asyncDispose]();
  }
  walk.pending.unshift(...components(target));
}

/** Goes to the last component. @returns it, unless the walk ends in a directory that is open already */
async function step(view: ContainerView, walk: Walk, follow: boolean, whole: string): Promise<Resolved | undefined> {
  const name = walk.pending.shift() ?? '';
  if (name === '..') {
    if (walk.stack.length > 1) await walk.stack.pop()?.[Symbol.asyncDispose]();
    else {
      const escape = walk.fromRoot ? undefined : inArchive(walk, whole, 'path escapes from parent');
      if (escape !== undefined) throw escape;
    }
    return undefined;
  }
  const parent = walk.stack.at(-1) as OpenDirectory;
  const place = path.posix.join(parent.place, name);
  const mounted = view.mounts.get(place);
  const file = mounted?.source ?? `${parent.path}/${name}`;
  const stat = await look(walk, file);
  const last = walk.pending.length === 0;
  if (stat.isSymbolicLink() && (follow || !last)) {
    await followLink(walk, file, whole);
    return undefined;
  }
  if (last) return resolved(walk, { parent, name, place, path: file, stat });
  if (!stat.isDirectory()) {
    const problem = 'not a directory';
    throw inArchive(walk, whole, problem) ?? new EngineError('internal', `lstat ${whole}: ${problem}`);
  }
  walk.stack.push(await openDirectory(view, file, place));
  return undefined;
}

function resolved(walk: Walk, found: Omit<Resolved, typeof Symbol.asyncDispose>): Resolved {
  return {
    ...found,
    async [Symbol.asyncDispose]() {
      for (const directory of walk.stack.reverse()) await directory[Symbol.asyncDispose]();
    },
  };
}

/**
 * Throws EngineError('not-found') when there is nothing.
 * @param follow resolve a link in the last place, too; a trailing slash means it as well
 */
export async function resolvePlace(
  view: ContainerView,
  place: string,
  follow: boolean,
  below?: BelowOptions,
): Promise<Resolved> {
  const throughLink = follow || /\/\.?$/.test(place);
  const walk: Walk = { stack: [], pending: components(place), below, links: 0, fromRoot: false };
  try {
    walk.stack.push(await openDirectory(view, view.root, '/'));
    while (walk.pending.length > 0) {
      const found = await step(view, walk, throughLink, place);
      if (found !== undefined) return found;
    }
    const here = walk.stack.at(-1) as OpenDirectory;
    const parent = walk.stack.at(-2) ?? here;
    const name = path.posix.basename(here.place);
    // Through the descriptor itself: `.` keeps lstat from looking at the link that /proc has.
    return resolved(walk, {
      parent,
      name,
      place: here.place,
      path: `${here.path}/.`,
      stat: await lstat(`${here.path}/.`),
    });
  } catch (error) {
    for (const directory of walk.stack) await directory[Symbol.asyncDispose]();
    throw failure(error, place);
  }
}
