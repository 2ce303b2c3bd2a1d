/**
 * Parts of volumes and images (`volume-subpath`, `image-subpath`). Whoever else has the volume may change it at any time,
 * so a part is held open and mounted by its file descriptor, before the runtime makes the container's mounts of it: a link
 * that appears there later leads nowhere else.
 */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readlink, realpath, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host } from '../host/host.ts';
import type { ContainerMount } from './record.ts';

export interface MountedParts extends AsyncDisposable {
  /** With sources that lead to the very files, until this is disposed of. */
  readonly mounts: readonly ContainerMount[];
}

/** open(2): a place, not its content. */
const O_PATH = 0o10000000;

/** Nothing but mount points, and never removed with what is in them: that is somebody's volume. */
const partsFolder = (dataRoot: string): string => path.join(dataRoot, 'containers', '.parts');

/** What other processes, too, open as the file. */
export const pathOf = ({ fd }: FileHandle): string => `/proc/${process.pid}/fd/${fd}`;

/** Throws as openSubpath. */
export async function mountParts(
  host: Host,
  dataRoot: string,
  mounts: readonly ContainerMount[],
): Promise<MountedParts> {
  await using made = new AsyncDisposableStack();
  const opened: ContainerMount[] = [];
  for (const mount of mounts) {
    if (mount.subpath === undefined) {
      opened.push(mount);
      continue;
    }
    const source = path.join(partsFolder(dataRoot), randomUUID());
    made.defer(() => removePart(host, source));
    await mountPart(host, mount.source, { subpath: mount.subpath, target: source });
    opened.push({ ...mount, source });
  }
  const kept = made.move();
  return { mounts: opened, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function mountPart(
  host: Host,
  directory: string,
  { subpath, target }: { readonly subpath: string; readonly target: string },
): Promise<void> {
  await using handle = await openSubpath(directory, subpath);
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
  if ((await handle.stat()).isDirectory()) await mkdir(target);
  else await writeFile(target, '');
  // As it is: mount(8) would otherwise look up the name behind the descriptor, and mount that.
  await host.mount(['--no-canonicalize', '--bind', pathOf(handle), target]);
}

async function removePart(host: Host, target: string): Promise<void> {
  await host.unmount(target);
  await rmdir(target).catch(() => rm(target, { force: true }).catch(() => {}));
}

/** At start-up: what a killed engine left. */
export async function sweepParts(host: Host, dataRoot: string): Promise<void> {
  const folder = partsFolder(dataRoot);
  for (const name of await readdir(folder).catch(() => [])) await removePart(host, path.join(folder, name));
}

/** Throws EngineError in Docker's words: 'not-found', or 'invalid' for what leads out of the directory. */
export async function openSubpath(directory: string, subpath: string): Promise<FileHandle> {
  const wished = path.join(directory, subpath);
  const base = await realpath(directory);
  const real = await realpath(wished).catch((cause: NodeJS.ErrnoException) => {
    const at = cause.path ?? wished;
    const why = cause.code === 'ENOENT' ? 'no such file or directory' : cause.message;
    throw new EngineError('not-found', `cannot access path ${wished}: lstat ${at}: ${why}`, { cause });
  });
  const escapes = (): EngineError =>
    new EngineError(
      'invalid',
      `path concatenation escapes the base directory, base: ${directory}, subpath: ${subpath}`,
    );
  if (real !== base && !real.startsWith(`${base}/`)) throw escapes();
  const handle = await open(real, O_PATH | constants.O_NOFOLLOW);
  // What was looked up and what was opened are the same, and no link that has just taken its place.
  const isThat = (await readlink(`/proc/self/fd/${handle.fd}`)) === real && !(await handle.stat()).isSymbolicLink();
  if (isThat) return handle;
  await handle.close();
  throw escapes();
}
