/** COPY and ADD: their identity in the cache, and what they do. */
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Snapshot } from '../../snapshots/snapshots.ts';
import { contentDigest } from '../files/content-digest.ts';
import { type CopyPrograms, copyInto } from '../files/copy-into.ts';
import { resolveChown } from '../files/chown-option.ts';
import { directoryTree } from '../files/directory-tree.ts';
import type { FileTree } from '../files/file-tree.ts';
import { linkOuter } from '../files/link-outer.ts';
import { parseModeChange } from '../files/mode-change.ts';
import { planNewFiles } from '../files/new-files.ts';
import { excluder } from '../files/select-sources.ts';
import type { CopyWork } from '../plan/work.ts';
import type { BuildRun } from './build-run.ts';
import type { CopyGroup } from './copy-group.ts';
import { looseGroups, selectLocal } from './copy-sources.ts';
import { chainIdsOf, hashOf, rootOf, type StageResult } from './stage-result.ts';
import { isArchive, unpackArchive } from './unpack-archive.ts';

export interface CopyScope {
  readonly run: BuildRun;
  readonly parent: StageResult;
  /** Layers that `--from` means; undefined: the build context. */
  readonly origin: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

interface CopyKey {
  /** Looks into the layers: they have to be here. */
  readonly reads: boolean;
  of(scope: CopyScope): Promise<string>;
}

/**
 * May the layer of `--link` be made without what is below it? Names of owners have to be looked up there, and where it has
 * other than plain folders on the way to the destination (symlinks, other owners or modes), they stay as they are.
 */
async function isIndependent(work: CopyWork, parent: StageResult, run: BuildRun): Promise<boolean> {
  if (!work.link || !isNumericOwner(work.chown)) return false;
  await using root = await run.mounts.open(chainIdsOf(parent));
  const { root: root_ } = run.host.ids;
  const folders = work.destination.split('/').filter((part) => part !== '');
  for (const [i] of folders.entries()) {
    const found = lstatSync(path.join(root.path, ...folders.slice(0, i + 1)), { throwIfNoEntry: false });
    if (found === undefined) return true;
    const isPlain =
      found.isDirectory() && found.uid === root_.uid && found.gid === root_.gid && (found.mode & 0o7777) === 0o755;
    if (!isPlain || work.chown !== undefined || work.chmod !== undefined) return false;
  }
  return true;
}

/** First by what is cheap to know (which layers `--from` means), then by the content of the files themselves. */
export function copyKeys(work: CopyWork): readonly CopyKey[] {
  const { kind, from, keyword: _keyword, sources, inline, ...rest } = work;
  const common = async ({ parent, run }: CopyScope): Promise<unknown[]> => {
    const below = (await isIndependent(work, parent, run)) ? 'any' : rootOf(parent);
    return [kind, below, rest, inline];
  };
  const ofLayers = from.kind === 'stage' || from.kind === 'image';
  const byContent: CopyKey = {
    reads: ofLayers || work.link,
    async of(scope) {
      const { run, origin, signal } = scope;
      await using stack = new AsyncDisposableStack();
      const groups = await openGroups(work, { run, origin, stack, signal });
      const skip = excluder(work.exclude);
      const digests = groups.map(({ tree, sources: selected }) => contentDigest(tree, selected, skip, signal));
      return hashOf([...(await common(scope)), await Promise.all(digests)]);
    },
  };
  if (!ofLayers) return [byContent];
  const byLayers: CopyKey = {
    reads: work.link,
    of: async (scope) => hashOf([...(await common(scope)), scope.origin?.at(-1) ?? 'scratch', sources]),
  };
  return [byLayers, byContent];
}

function isNumericOwner(chown: string | undefined): boolean {
  return chown === undefined || /^\d*(:\d+)?$/.test(chown);
}

interface GroupScope {
  readonly run: BuildRun;
  readonly origin: readonly string[] | undefined;
  readonly stack: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

async function openGroups(work: CopyWork, { run, origin, stack, signal }: GroupScope): Promise<CopyGroup[]> {
  const groups = await looseGroups(work, run, signal);
  if (work.sources.length === 0) return groups;
  const tree =
    origin === undefined
      ? await run.contextOf(work.from)
      : directoryTree(stack.use(await run.mounts.view(origin)).path, run.host.ids);
  const unpack = work.keyword === 'ADD' && work.unpack !== false;
  return [...groups, { tree, sources: selectLocal(work, tree), unpack }];
}

/** From so many files on a layer is written as one stream. */
const MANY = 64;

/** Gives the layer, an empty one when wildcards match nothing. */
export async function doCopy(work: CopyWork, { run, parent, origin, signal }: CopyScope): Promise<Snapshot> {
  await using stack = new AsyncDisposableStack();
  const groups = await openGroups(work, { run, origin, stack, signal });
  const below = chainIdsOf(parent);
  const root = stack.use(await run.mounts.open((await isIndependent(work, parent, run)) ? [] : below));
  const files = { root: root.path, isEmpty: below.length === 0 };
  const owner = work.chown === undefined ? undefined : resolveChown(work.chown, files, run.warn);
  const mode = work.chmod === undefined ? undefined : parseModeChange(work.chmod);
  const where = { ids: run.host.ids, root: root.path, destination: work.destination, parents: work.parents };
  const parts = await Promise.all(groups.map((group) => splitArchives(group, run)));
  const copies = groups.map((group, i) => ({
    ...where,
    owner,
    mode,
    excluded: excluder(work.exclude),
    replace: false,
    signal,
    programs: copyPrograms(run, group.tree),
    tree: group.tree,
    sources: parts[i]?.others ?? [],
  }));
  if (parts.every(({ archives }) => archives.length === 0)) {
    const plan = await planNewFiles(copies, Math.floor(Date.now() / 1000));
    if (plan !== undefined && plan.files.size >= MANY) return await root.commitNew(plan.files, plan.touched, signal);
  }
  for (const [i, copy] of copies.entries()) {
    await copyInto(copy);
    for (const { path: file } of parts[i]?.archives ?? []) {
      await using folder = await run.mounts.scratch();
      const { directory, implied, links } = await unpackArchive(copy.tree.read(file), folder.path, run.host);
      const unpacked = directoryTree(directory, run.host.ids);
      const whole = [{ path: '', name: '', written: file }];
      // --chmod is not for what was in an archive, as in BuildKit.
      const how = { parents: false, replace: true, mode: undefined, implied, programs: copyPrograms(run, unpacked) };
      await copyInto({ ...copy, ...how, tree: unpacked, sources: whole });
      linkOuter(root.path, work.destination, links, run.host.ids.root);
    }
  }
  return await root.commit();
}

async function splitArchives({ tree, sources, unpack }: CopyGroup, run: BuildRun) {
  const archives: CopyGroup['sources'][number][] = [];
  for (const source of unpack ? sources : []) {
    const isFile = tree.entry(source.path)?.kind === 'file';
    if (isFile && (await isArchive(() => tree.read(source.path), run.host))) archives.push(source);
  }
  return { archives, others: sources.filter((source) => !archives.includes(source)) };
}

/** Extended attributes (file capabilities) and devices: cp(1) knows how, with one process for the attributes of many files. */
function copyPrograms(run: BuildRun, tree: FileTree): CopyPrograms {
  const { hostPath } = tree;
  const makeNode = async (source: string, target: string): Promise<void> => {
    const { node } = tree.entry(source) ?? {};
    if (node === undefined) throw new EngineError('invalid', `cannot copy ${source}: it is a socket`);
    await run.host.run('mknod', [target, ...node]);
  };
  if (hostPath === undefined) return { attributes: async () => {}, special: makeNode };
  const attributes = ['--attributes-only', '--preserve=xattr'];
  return {
    async attributes(source, target, files) {
      if (files.length === 0) {
        await run.host.run('cp', [...attributes, '--no-target-directory', '--', hostPath(source), target]);
        return;
      }
      const copy = ['cp', '--parents', ...attributes, `--target-directory=${target}`, '--'];
      await run.host.run('xargs', ['--null', ...copy], { cwd: hostPath(source), input: files.join('\0') });
    },
    async special(source, target) {
      await run.host.run('cp', ['--archive', '--no-target-directory', '--', hostPath(source), target]);
    },
  };
}
