/** Gives paths of the host to the containers' root, where that is somebody else than the host's. */
import { chown, lchown, stat } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { IdMapping } from './id-mapping.ts';

/** Makes the containers' root the owner of these; links themselves, not what they lead to. */
export async function giveToContainers(ids: IdMapping, ...files: readonly string[]): Promise<void> {
  if (ids.ranges === undefined) return;
  const { uid, gid } = ids.root;
  for (const file of files) await lchown(file, uid, gid);
}

/**
 * Lets the containers' root pass through directories that stay the host's (mode 0710): the OCI runtime looks for the root
 * file system as that user.
 */
export async function letContainersPass(ids: IdMapping, ...directories: readonly string[]): Promise<void> {
  if (ids.ranges === undefined) return;
  for (const directory of directories) await chown(directory, 0, ids.root.gid);
}

/** Throws EngineError('invalid') when the containers' root cannot pass through a directory above the engine's data. */
export async function checkContainersPass({ ranges, root }: IdMapping, dataRoot: string): Promise<void> {
  if (ranges === undefined) return;
  for (let at = path.dirname(dataRoot); at !== '/'; at = path.dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const execute = uid === root.uid ? 0o100 : gid === root.gid ? 0o010 : 0o001;
    if ((mode & execute) !== 0) continue;
    const advice = `allow it with: chmod o+x ${at}`;
    throw new EngineError(
      'invalid',
      `userns-remap: user ${root.uid} of this host cannot pass through ${at} (${advice})`,
    );
  }
}
