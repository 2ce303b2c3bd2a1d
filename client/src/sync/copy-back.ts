/** Brings what was changed in the container into the local folder; never over a local change. */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { extract } from 'tar-stream';
import type { ForeignChange } from '#model/slipway-api/workspaces.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { type Folder } from './find-changes.ts';
import { readFromCopy } from './host-copy.ts';
import { baseOf, stateOf } from './plan-sync.ts';
import { lookLocal } from './scan-local.ts';

export interface CopiedBack {
  readonly copied: readonly string[];
  /** Changed on both sides: the container's version was put beside the local one, under this name. */
  readonly besides: readonly string[];
}

const PER_CALL = 200;

export async function copyBack(
  connection: EngineConnection,
  name: string,
  one: Folder,
  changes: readonly ForeignChange[],
  signal: AbortSignal,
): Promise<CopiedBack> {
  const paths = changes.filter(({ change }) => change === 'written').map(({ path }) => path);
  const copied: string[] = [];
  const besides: string[] = [];
  for (let at = 0; at < paths.length; at += PER_CALL) {
    const archive = extract();
    const body = await readFromCopy(connection, name, paths.slice(at, at + PER_CALL), signal);
    body.on('error', (error) => archive.destroy(error)).pipe(archive);
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
      const { name: file, type, mode } = entry.header;
      if (type !== 'file' || !isInside(file)) continue;
      const target = await placeFor(one, file);
      if (!(await put(one.folder, target, Buffer.concat(chunks), mode))) continue;
      if (target === file) {
        const hash = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
        one.base.set(file, stateOf({ kind: 'file', hash }));
        copied.push(file);
      } else besides.push(target);
    }
  }
  one.base.save();
  return { copied, besides };
}

/** The file itself when it is as both sides last agreed, or not there; else a free name beside it. */
async function placeFor(one: Folder, file: string): Promise<string> {
  const local = await lookLocal(one.folder, file, one.rules(), one.hashes, () => {});
  const known = one.base.state.get(file);
  if (local === undefined || (known !== undefined && local.hash === baseOf(known))) return file;
  const { dir, name, ext } = path.posix.parse(file);
  return path.posix.join(dir, `${name}.from-container${ext}`);
}

/** @returns whether it was written: not through a link, which would lead somewhere else */
async function put(folder: string, name: string, content: Buffer, mode: number): Promise<boolean> {
  const full = path.join(folder, name);
  const parent = path.dirname(full);
  await mkdir(parent, { recursive: true });
  const expected = path.join(await realpath(folder), path.relative(folder, parent));
  if ((await realpath(parent)) !== expected) return false;
  if ((await lstat(full).catch(() => undefined))?.isSymbolicLink()) return false;
  await writeFile(full, content);
  if (process.platform !== 'win32') await chmod(full, mode & 0o777);
  return true;
}

/** The host names the files: none may lead out of the folder. */
function isInside(file: string): boolean {
  return file !== '' && !file.startsWith('/') && !file.split(/[\\/]/).includes('..');
}
