/** The mounts of one RUN, made ready on the host. */
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { BindMount, CacheMount } from '#model/dockerfile/mount-option.ts';
import { failure } from '../failure-cause.ts';
import type { ContainerMount } from '../../containers/record.ts';
import { copyInto } from '../files/copy-into.ts';
import { directoryTree } from '../files/directory-tree.ts';
import { openAgentSocket } from './agent-socket.ts';
import { openSecret } from './secret-mount.ts';
import { pathInRoot } from '../files/path-in-root.ts';
import { selectSources } from '../files/select-sources.ts';
import { giveToContainers } from '../../host/hand-over.ts';
import type { FilesFrom, WorkMount } from '../plan/work.ts';
import type { BuildRun } from './build-run.ts';
import { chainIdsOf, type StageResult } from './stage-result.ts';

export interface MountScope {
  readonly run: BuildRun;
  /** Everything opened for the mounts hangs here. */
  readonly stack: AsyncDisposableStack;
  /** Of the stage that a mount takes from. */
  readonly stageResult: (index: number) => StageResult;
  readonly signal: AbortSignal;
}

export interface PreparedMounts {
  readonly mounts: ContainerMount[];
  /** Secrets as `NAME=value`. */
  readonly variables: string[];
}

/** Throws EngineError: 'invalid' when a source is missing, 'not-found' when a required secret was not given. */
export async function prepareMounts(mounts: readonly WorkMount[], scope: MountScope): Promise<PreparedMounts> {
  const ready: PreparedMounts = { mounts: [], variables: [] };
  for (const mount of mounts) {
    await prepareMount(mount, scope, ready);
  }
  return ready;
}

async function prepareMount(mount: WorkMount, scope: MountScope, ready: PreparedMounts): Promise<void> {
  const { run, stack, signal } = scope;
  switch (mount.type) {
    case 'tmpfs': {
      const size = mount.size === undefined ? [] : [`size=${mount.size}`];
      const mode = ['exec', 'dev', ...(mount.readOnly ? ['ro'] : []), ...size].join(',');
      ready.mounts.push({ type: 'tmpfs', source: '', destination: mount.target, mode, rw: true, propagation: '' });
      return;
    }
    case 'bind':
      ready.mounts.push(bindMount(await filesOf(mount, mount.files, scope), mount.target, mount.writable));
      return;
    case 'cache': {
      const fill = (directory: string): Promise<void> => fillCache(mount, directory, scope);
      const lease = stack.use(await run.cacheMounts.take(mount, fill, signal));
      const source = pathInRoot(lease.path, mount.from === undefined ? mount.source : '/');
      if (mkdirSync(source, { recursive: true }) !== undefined) await giveToContainers(run.host.ids, source);
      ready.mounts.push(bindMount(source, mount.target, !mount.readOnly));
      return;
    }
    case 'secret': {
      const { file, variable } = (await openSecret(mount, run, stack)) ?? {};
      if (file !== undefined) ready.mounts.push(bindMount(file, mount.target, false));
      if (variable !== undefined) ready.variables.push(variable);
      return;
    }
    case 'ssh': {
      const socket = await openAgentSocket(mount, run, stack);
      if (socket !== undefined) ready.mounts.push(bindMount(socket, mount.target, true));
    }
  }
}

function bindMount(source: string, destination: string, rw: boolean): ContainerMount {
  return { type: 'bind', source, destination, mode: '', rw, propagation: 'rprivate' };
}

/** The host path of what a mount shows. What the step writes there is gone when it ends. */
async function filesOf(mount: BindMount | CacheMount, from: FilesFrom, scope: MountScope): Promise<string> {
  const isContext = from.kind === 'context' || from.kind === 'named';
  const root = isContext ? await contextFolder(mount, from, scope) : await rootOf(from, scope);
  const source = pathInRoot(root, mount.source);
  if (directoryTree(root).entry(path.relative(root, source)) === undefined) {
    const missing = path.posix.resolve('/', mount.source);
    throw failure('invalid', `failed to compute cache key: "${missing}": not found`, { missing });
  }
  return source;
}

async function rootOf(
  from: Extract<FilesFrom, { readonly kind: 'stage' | 'image' | 'scratch' }>,
  scope: MountScope,
): Promise<string> {
  const chainIds = layersFrom(from, scope);
  return scope.stack.use(await scope.run.mounts.view(chainIds)).path;
}

function layersFrom(
  from: Extract<FilesFrom, { readonly kind: 'stage' | 'image' | 'scratch' }>,
  { run, stageResult }: MountScope,
): readonly string[] {
  if (from.kind === 'scratch') return [];
  return from.kind === 'stage' ? chainIdsOf(stageResult(from.index)) : run.imageLayers(from.reference);
}

/** What the mount takes of the build context, written to a directory. */
async function contextFolder(
  { source }: BindMount | CacheMount,
  from: FilesFrom,
  { run, stack, signal }: MountScope,
): Promise<string> {
  const tree = await run.contextOf(from);
  const folder = stack.use(await run.mounts.scratch());
  chmodSync(folder.path, 0o755); // it may be the mount itself, for a step of another user
  const { sources } = selectSources(tree, [path.posix.resolve('/', source)], true);
  const everything = { owner: undefined, mode: undefined, excluded: () => false, replace: false };
  const where = { ids: run.host.ids, root: folder.path, destination: '/', parents: true };
  await copyInto({ tree, sources, ...everything, ...where, signal });
  return folder.path;
}

async function fillCache(
  mount: CacheMount & { readonly files: FilesFrom },
  directory: string,
  scope: MountScope,
): Promise<void> {
  const source = await filesOf(mount, mount.files, scope);
  const { ids } = scope.run.host;
  const tree = directoryTree(source, ids);
  const everything = { owner: undefined, mode: undefined, excluded: () => false, replace: false };
  const where = { ids, root: directory, destination: '/', parents: false };
  await copyInto({
    tree,
    sources: [{ path: '', name: '', written: mount.source }],
    ...everything,
    ...where,
    signal: scope.signal,
  });
  const { uid, gid, mode } = lstatSync(source);
  chownSync(directory, uid, gid);
  chmodSync(directory, mode & 0o7777);
}
