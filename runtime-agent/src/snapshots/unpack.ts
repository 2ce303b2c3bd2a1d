/**
 * Unpacks one layer into an empty directory. The stream is hashed, read, made safe (see layer-tree.ts) and written again
 * into one GNU tar process, which does what Node cannot: devices, extended attributes, times of symlinks and directories.
 */
import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { PLAIN_ENVIRONMENT } from '../host/plain-environment.ts';
import type { RecipeWriter } from './recipe.ts';
import { createRewriter } from './rewriter.ts';

export interface Unpacked {
  /** Digest of all the bytes of the stream. */
  readonly diffId: string;
  /** Sum of the sizes of the files and symlinks, as Docker counts. */
  readonly size: number;
  /** Bytes of the stream. */
  readonly tarSize: number;
  /** See Rewriter.lost; the files are in `<directory>.lost`. */
  readonly lost: Readonly<Record<number, string>>;
  /** Directories that no entry described. */
  readonly implied: ReadonlySet<string>;
  /** See LayerTree. */
  readonly links: ReadonlyMap<string, string>;
}

/** Suffix of the directory beside the layer's for contents that were replaced in the layer itself. */
export const LOST = '.lost';

/** Enough room to say that tar did not fail for want of space. */
const SPARE_BYTES = 1024 * 1024;

export interface UnpackOptions {
  readonly host: Host;
  readonly directory: string;
  readonly tar: AsyncIterable<Buffer>;
  /** Told how to make the stream again from the directory. */
  readonly recipe?: RecipeWriter | undefined;
  /** See RewriterOptions. */
  readonly distinct?: boolean;
  readonly isPlain?: boolean;
}

/** Throws EngineError('invalid') for a bad archive, 'unavailable' when the disk is full; the directory is then junk. */
export async function unpackLayer({ host, directory, tar, ...how }: UnpackOptions): Promise<Unpacked> {
  const hash = createHash('sha256');
  const { recipe } = how;
  const rewriter = createRewriter({ ...how, ids: host.ids, lostDirectory: `../${path.basename(directory)}${LOST}` });
  let tarSize = 0;
  await extract(host, directory, async (write) => {
    for await (const chunk of tar) {
      hash.update(chunk);
      tarSize += chunk.length;
      await write(rewriter.feed(chunk));
      await recipe?.flush();
    }
    await write(rewriter.end());
  });
  const { lost, implied, links } = rewriter;
  return { diffId: `sha256:${hash.digest('hex')}`, size: rewriter.size(), tarSize, lost, implied, links };
}

/** Extracts a tar that the engine itself has made, whose pieces it may use again when it is asked for the next. Throws EngineError('unavailable') when the disk is full. */
export function extractOwn(host: Host, directory: string, tar: AsyncIterable<Buffer>): Promise<void> {
  return extract(host, directory, async (write) => {
    for await (const chunk of tar) await write([chunk]);
  });
}

type Write = (pieces: readonly Buffer[]) => Promise<void> | undefined;

async function extract(host: Host, directory: string, feed: (write: Write) => Promise<void>): Promise<void> {
  const process = startTar(host, directory);
  const errors = collect(process);
  try {
    await feed((pieces) => write(process.stdin as Writable, pieces));
    process.stdin?.end();
  } catch (error) {
    process.kill('SIGKILL');
    await process.exited.catch(() => {});
    throw error;
  }
  const code = await process.exited;
  if (code !== 0) throw await tarFailure(directory, await errors);
}

function startTar(host: Host, directory: string): HostProcess {
  // All names are relative and pass no symlink (layer-tree.ts). Without --absolute-names tar would make links that lead
  // upwards last, and mistake what came in their place for its own placeholder when the inode number is the same.
  const modes = ['--absolute-names', '--preserve-permissions', '--same-owner', '--numeric-owner'];
  const attributes = ['--delay-directory-restore', '--xattrs', '--xattrs-include=*', '--warning=no-timestamp'];
  // By default tar reads 10 KiB at a time.
  return host.spawn('tar', ['--extract', '--file=-', '--blocking-factor=512', ...modes, ...attributes], {
    cwd: directory,
    stdin: 'pipe',
    stdout: 'ignore',
    env: PLAIN_ENVIRONMENT,
  });
}

async function collect(process: HostProcess): Promise<string> {
  let text = '';
  for await (const chunk of process.stderr ?? []) if (text.length < 4096) text += chunk;
  return text;
}

/**
 * Writes with back-pressure, in one system call; when tar has gone, the rest is dropped and its exit code tells. Pieces that fill
 * the pipe's buffer have been written when it resolves.
 */
function write(stdin: Writable, pieces: readonly Buffer[]): Promise<void> | undefined {
  if (pieces.length === 0 || stdin.destroyed) return undefined;
  stdin.cork();
  let room = true;
  for (const piece of pieces) room = stdin.write(piece);
  stdin.uncork();
  if (room) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      stdin.off('drain', done).off('close', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done);
  });
}

async function tarFailure(directory: string, stderr: string): Promise<EngineError> {
  const { bavail, bsize, ffree } = await statfs(directory);
  if (bavail * bsize < SPARE_BYTES || ffree === 0) {
    const advice = `free some, for example with 'docker system prune'`;
    const text = `failed to register layer: no space left on device for ${directory} (${advice})`;
    return new EngineError('unavailable', text);
  }
  const said = stderr.trim().split('\n').slice(0, 5).join('; ');
  return new EngineError('invalid', `failed to register layer: tar: ${said || 'ended without a message'}`);
}
