/** Receives a push: a tar stream of entries, each put in place when all of it has arrived. See model/slipway-api/workspaces.ts. */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { PAX_BASE, type PushConflict, type PushResult } from '#model/slipway-api/workspaces.ts';
import { type ApplyPlace, applyEntry, type PushedEntry } from './apply-entry.ts';
import type { HashMemory } from './content-hash.ts';
import { openDirectoryChain, type Owner } from './directory-chain.ts';
import { copyContent, openFile } from './file-content.ts';

export interface PushTarget {
  readonly root: string;
  /** A folder for half-received files, on the root's file system and out of reach of containers. */
  readonly staging: string;
  readonly memory: HashMemory;
  /** Of what is made new; undefined leaves it to the engine's user. */
  readonly owner: Owner | undefined;
}

type Content = AsyncIterable<Buffer> & { resume(): unknown };

const SMALL_FILE = 1024 * 1024;
/** Versions that a push would have overwritten are kept here, in the workspace. */
const CONFLICT_FOLDER = '.slipway/conflicts';

/** Throws EngineError('invalid') when the stream is no whole tar archive; entries before the damage are in place. */
export async function receivePush(body: Readable, target: PushTarget, signal: AbortSignal): Promise<PushResult> {
  const { root, memory, owner } = target;
  const staging = path.join(target.staging, randomBytes(8).toString('hex'));
  await mkdir(staging, { recursive: true, mode: 0o700 });
  try {
    await using chain = await openDirectoryChain(root);
    const place: ApplyPlace = { chain, memory, owner, keep: keeper(root, owner, new Date()) };
    return await applyAll(body, staging, place, signal);
  } catch (error) {
    throw pushError(error, signal);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function applyAll(body: Readable, staging: string, place: ApplyPlace, signal: AbortSignal): Promise<PushResult> {
  const conflicts: PushConflict[] = [];
  const count = { written: 0, removed: 0, same: 0 };
  const stop = new AbortController();
  const archive = extract();
  const feed = pipeline(body, archive, { signal: AbortSignal.any([signal, stop.signal]) }).catch((error: unknown) => {
    archive.destroy(error as Error);
  });
  try {
    let number = 0;
    // nothing may be awaited between the pipeline's start and this loop: entries that nobody takes would be lost
    for await (const entry of archive) {
      const staged = path.join(staging, String(number++));
      const content = entry as AsyncIterable<Buffer> & typeof entry;
      const applied = await applyEntry(await receiveEntry(content, entry.header, staged), place);
      count[applied.outcome]++;
      if (applied.keptAs !== undefined) conflicts.push({ path: entry.header.name, keptAs: applied.keptAs });
      await unlink(staged).catch(() => {}); // there is none when it was moved into place
    }
    await feed;
  } finally {
    stop.abort();
    await feed;
  }
  return { written: count.written, removed: count.removed, conflicts };
}

async function receiveEntry(content: Content, header: Header, staged: string): Promise<PushedEntry> {
  const base = (header.pax as Readonly<Record<string, string>> | null | undefined)?.[PAX_BASE];
  const common = { path: header.name, mode: header.mode, base };
  if (header.type === 'file' || header.type === 'contiguous-file') {
    return { ...common, kind: 'file', staged: await stage(content, header, staged) };
  }
  content.resume();
  if (header.type === 'directory') return { ...common, kind: 'directory' };
  if (header.type === 'symlink') return { ...common, kind: 'link', linkTarget: header.linkname };
  const whiteout = header.type === 'character-device' && header.devmajor === 0 && header.devminor === 0;
  if (whiteout) return { ...common, kind: 'whiteout' };
  throw new EngineError('invalid', `${header.name}: a workspace cannot hold an entry of type ${header.type}`);
}

/** Most files are small: those are written at once. */
async function stage(content: Content, header: Header, file: string): Promise<{ file: string; hash: string }> {
  const hash = createHash('sha256');
  if (header.size <= SMALL_FILE) {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 });
    hash.update(bytes);
  } else {
    const hashing = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(content, hashing, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  }
  await chmod(file, header.mode & 0o777);
  return { file, hash: hash.digest('hex') };
}

/** Keeps versions under CONFLICT_FOLDER with the time behind the name, so that no watcher of `*.js` takes them for code. */
function keeper(root: string, owner: Owner | undefined, now: Date): ApplyPlace['keep'] {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return async (original, from, how) => {
    const parts = [...CONFLICT_FOLDER.split('/'), ...original.split('/')];
    const name = `${parts.at(-1)}.${stamp}-${randomBytes(2).toString('hex')}`;
    await using chain = await openDirectoryChain(root);
    const displace = async (obstacle: string): Promise<void> => await unlink(obstacle);
    const folder = await chain.enter(parts.slice(0, -1), { owner, displace });
    const target = `${folder}/${name}`;
    if (how === 'move') await rename(from, target);
    else {
      await using source = await openFile(from, constants.O_RDONLY);
      await using copy = await openFile(target, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
      await copyContent(source, copy);
      if (owner !== undefined) await copy.chown(owner.uid, owner.gid);
    }
    return [...parts.slice(0, -1), name].join('/');
  };
}

function pushError(error: unknown, signal: AbortSignal): EngineError {
  if (error instanceof EngineError) return error;
  if (signal.aborted) return new EngineError('cancelled', 'The sync was interrupted.', { cause: error });
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const text = 'No space left on the host for the workspace: free some (unused images, for example) and try again.';
    return new EngineError('unavailable', text, { cause: error });
  }
  if (code === undefined || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') {
    return new EngineError('invalid', `The sync stream is damaged or was cut off: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new EngineError('internal', `Cannot write the workspace: ${messageOf(error)}`, { cause: error });
}
