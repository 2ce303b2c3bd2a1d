/**
 * Unpacks one layer into an empty directory. The stream is hashed, read, made safe (see layer-tree.ts) and written again
 * into one GNU tar process, which does what Node cannot: devices, extended attributes, times of symlinks and directories.
 */
import { createHash } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { EngineError } from '#model/engine-api/errors.ts';
import type { Host, HostProcess } from '../host/host.ts';
import { createLayerTree } from './layer-tree.ts';
import { BLOCK, encodeHeader, padding } from './tar-entry.ts';
import { createTarReader } from './tar-reader.ts';

export interface Unpacked {
  /** Digest of all the bytes of the stream. */
  readonly diffId: string;
  /** Sum of the sizes of the files and symlinks, as Docker counts. */
  readonly size: number;
  /** Bytes of the stream. */
  readonly tarSize: number;
}

/** Enough room to say that tar did not fail for want of space. */
const SPARE_BYTES = 1024 * 1024;

export interface UnpackOptions {
  readonly host: Host;
  readonly directory: string;
  readonly tar: AsyncIterable<Buffer>;
  /** Sees every chunk of the stream, in order; awaited. */
  readonly copy?: (chunk: Buffer) => Promise<void>;
}

/** Throws EngineError('invalid') for a bad archive, 'unavailable' when the disk is full; the directory is then junk. */
export async function unpackLayer({ host, directory, tar, copy }: UnpackOptions): Promise<Unpacked> {
  const process = startTar(host, directory);
  const errors = collect(process);
  const hash = createHash('sha256');
  const rewriter = createRewriter();
  let tarSize = 0;
  try {
    for await (const chunk of tar) {
      hash.update(chunk);
      tarSize += chunk.length;
      await write(process.stdin as Writable, rewriter.feed(chunk));
      await copy?.(chunk);
    }
    await write(process.stdin as Writable, rewriter.end());
    process.stdin?.end();
  } catch (error) {
    process.kill('SIGKILL');
    await process.exited.catch(() => {});
    throw error;
  }
  const code = await process.exited;
  if (code !== 0) throw await tarFailure(directory, await errors);
  return { diffId: `sha256:${hash.digest('hex')}`, size: rewriter.size(), tarSize };
}

function startTar(host: Host, directory: string): HostProcess {
  // All names are relative and pass no symlink (layer-tree.ts). Without --absolute-names tar would make links that lead
  // upwards last, and mistake what came in their place for its own placeholder when the inode number is the same.
  const modes = ['--absolute-names', '--preserve-permissions', '--same-owner', '--numeric-owner'];
  const attributes = ['--delay-directory-restore', '--xattrs', '--xattrs-include=*', '--warning=no-timestamp'];
  return host.spawn('tar', ['--extract', '--file=-', ...modes, ...attributes], {
    cwd: directory,
    stdin: 'pipe',
    stdout: 'ignore',
    env: { PATH: globalThis.process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
  });
}

async function collect(process: HostProcess): Promise<string> {
  let text = '';
  for await (const chunk of process.stderr ?? []) if (text.length < 4096) text += chunk;
  return text;
}

/** Writes with back-pressure, in one system call; when tar has gone, the rest is dropped and its exit code tells. */
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

interface Rewriter {
  feed(chunk: Buffer): readonly Buffer[];
  end(): readonly Buffer[];
  size(): number;
}

/** The layer as tar shall see it. */
function createRewriter(): Rewriter {
  const tree = createLayerTree();
  let out: Buffer[] = [];
  let passing = false;
  let left = 0;
  let pad = 0;
  let size = 0;
  const reader = createTarReader({
    entry(entry) {
      const placed = tree.place(entry);
      for (const one of placed) out.push(encodeHeader(one));
      passing = placed.at(-1)?.type === '0';
      left = passing ? entry.size : 0;
      pad = padding(left);
      if (passing) size += entry.size;
      else if (entry.type === '2') size += entry.linkName.length;
    },
    data(chunk) {
      if (!passing) return;
      out.push(chunk);
      left -= chunk.length;
      if (left === 0 && pad > 0) out.push(Buffer.alloc(pad));
    },
  });
  const take = (): Buffer[] => {
    const all = out;
    out = [];
    return all;
  };
  return {
    feed(chunk) {
      reader.feed(chunk);
      return take();
    },
    end() {
      reader.end();
      out.push(Buffer.alloc(2 * BLOCK));
      return take();
    },
    size: () => size,
  };
}
