import { type Stats, statSync, utimesSync } from 'node:fs';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Snapshot } from '../../snapshots/snapshots.ts';
import { resolveChown } from '../files/chown-option.ts';
import { makeDirectories, pathInRoot } from '../files/path-in-root.ts';
import type { StepWork } from '../plan/work.ts';
import type { BuildRun } from './build-run.ts';
import { chainIdsOf, type StageResult } from './stage-result.ts';

/** WORKDIR: makes the directory, owned by the stage's user as BuildKit finds it, unless it is there. */
export async function doDirectory(
  { path, user }: Extract<StepWork, { readonly kind: 'directory' }>,
  { run, parent }: { readonly run: BuildRun; readonly parent: StageResult },
): Promise<Snapshot> {
  await using root = await run.mounts.open(chainIdsOf(parent));
  const { directory, found } = foundAt(root.path, path);
  if (found?.isDirectory()) return await root.commit();
  if (found !== undefined) throw new EngineError('invalid', `mkdir ${path}: not a directory`);
  const names = { root: root.path, isEmpty: parent.layers.length === 0 };
  const owner = resolveChown(user === '' ? '0' : user, names, run.warn);
  makeDirectories(root.path, directory, run.host.ids.toHost(owner));
  // Those above it are of the moment, with BuildKit too.
  if (run.epoch !== undefined) utimesSync(directory, new Date(run.epoch), new Date(run.epoch));
  return await root.commit();
}

function foundAt(root: string, path: string): { readonly directory: string; readonly found: Stats | undefined } {
  try {
    const directory = pathInRoot(root, path);
    return { directory, found: statSync(directory, { throwIfNoEntry: false }) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTDIR') throw cause;
    throw new EngineError('invalid', `lstat ${path}: not a directory`, { cause });
  }
}
