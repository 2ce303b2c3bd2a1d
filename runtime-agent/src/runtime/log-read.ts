/**
 * Reads the log of a container: `current` and the older `1`, `2` … of one directory, and follows it while it is written
 * and rotated. Chunks hold whole lines.
 */
import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { endOfLines, tailOfBlock } from './log-format.ts';
import { openPacked, PACKED } from './packed-log.ts';

const BLOCK = 128 * 1024;
export const CURRENT_LOG = 'current';
/** Those of before, packed or not; the higher, the older. */
export const OLD_LOG = /^\d+(\.gz)?$/;

/** A place in the log that stays right while the log is rotated. */
export interface LogPosition {
  readonly inode: number;
  readonly offset: number;
}

export interface LogReadOptions {
  /** Where to begin; without it at the oldest line. */
  readonly from?: LogPosition | undefined;
  /** Only the last lines of what is there. */
  readonly tail?: number | undefined;
  /** Goes on until this resolves, and then to the end of the log. Without it, reading ends at the end. */
  readonly ended?: Promise<unknown> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the place of each chunk before it is yielded. */
  readonly onChunk?: ((at: LogPosition) => void) | undefined;
}

interface LogFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly inode: number;
  offset: number;
}

async function openLog(file: string, offset = 0): Promise<LogFile | undefined> {
  try {
    const { ino } = await stat(file);
    const handle = file.endsWith(PACKED) ? await openPacked(file) : await open(file, 'r');
    if (!file.endsWith(PACKED) && (await handle.stat()).ino !== ino) {
      await handle.close();
      return undefined;
    }
    return { handle, inode: ino, offset, [Symbol.asyncDispose]: () => handle.close() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

interface ListedLog {
  readonly name: string;
  readonly inode: number;
}

async function listOnce(directory: string): Promise<ListedLog[]> {
  const names: readonly string[] = await readdir(directory).catch(() => []);
  const old = names
    .filter((name) => OLD_LOG.test(name) && !names.includes(name + PACKED))
    .sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  const files = [...old, ...names.filter((name) => name === CURRENT_LOG)].map((name) => path.join(directory, name));
  const inodes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.ino ?? -1));
  return files.map((name, i) => ({ name, inode: inodes[i] ?? -1 }));
}

/** The files, the oldest first. Looked at until two looks agree: a rotation in between would mix old names and new. */
async function listLogs(directory: string): Promise<readonly ListedLog[]> {
  for (let last = await listOnce(directory); ; ) {
    const now = await listOnce(directory);
    const same =
      now.length === last.length &&
      now.every(({ name, inode }, i) => name === last[i]?.name && inode === last[i].inode);
    if (same) return now;
    last = now;
  }
}

/** Opens a listed file; undefined when a rotation has given its name to another one, or it is gone. */
async function openListed(listed: ListedLog, offset = 0): Promise<LogFile | undefined> {
  const file = await openLog(listed.name, offset);
  if (file === undefined || file.inode === listed.inode) return file;
  await file.handle.close();
  return undefined;
}

/** The end of the log as it is now. */
export async function logEnd(directory: string): Promise<LogPosition | undefined> {
  try {
    const { ino, size } = await stat(path.join(directory, CURRENT_LOG));
    return { inode: ino, offset: size };
  } catch {
    return undefined;
  }
}

/** The file after the one with this inode; the oldest when that is gone. undefined when there is none yet. */
async function nextLog(directory: string, inode: number): Promise<LogFile | undefined> {
  for (;;) {
    const files = await listLogs(directory);
    const next = files[files.findIndex((file) => file.inode === inode) + 1];
    if (next === undefined) return undefined;
    const file = await openListed(next);
    if (file !== undefined) return file;
  }
}

/** @param buffer used again for every chunk: who takes one is done with it before the next */
async function* readToEnd(file: LogFile, buffer: Buffer, onChunk: LogReadOptions['onChunk']): AsyncGenerator<Buffer> {
  for (;;) {
    const { bytesRead } = await file.handle.read(buffer, 0, BLOCK, file.offset);
    const end = endOfLines(buffer.subarray(0, bytesRead));
    if (end > 0) {
      onChunk?.({ inode: file.inode, offset: file.offset });
      file.offset += end;
      yield buffer.subarray(0, end);
    }
    if (end === 0 || bytesRead < BLOCK) return;
  }
}

/** Where the last `count` lines begin; walks backwards over the files. */
async function tailPosition(directory: string, count: number): Promise<LogPosition | undefined> {
  const files = [...(await listLogs(directory))].reverse();
  let missing = count;
  let position: LogPosition | undefined;
  let last = true;
  for (const listed of files) {
    await using file = await openListed(listed);
    if (file === undefined) continue;
    let end = (await file.handle.stat()).size;
    while (end > 0) {
      const block = await blockBefore(file, end);
      const lines = block.subarray(0, endOfLines(block));
      const { at, found } = tailOfBlock(lines, missing, last);
      position = { inode: file.inode, offset: end - block.length + at };
      if (at > 0) return position;
      if (lines.length > 0) last = false;
      missing -= found;
      end -= block.length;
    }
    position ??= { inode: file.inode, offset: 0 };
  }
  return position;
}

/** Bytes up to `end` that begin with a line; doubled until a whole line fits. */
async function blockBefore(file: LogFile, end: number): Promise<Buffer> {
  for (let size = BLOCK; ; size *= 2) {
    const start = Math.max(0, end - size);
    const buffer = Buffer.allocUnsafe(end - start);
    await file.handle.read(buffer, 0, buffer.length, start);
    if (start === 0) return buffer;
    const first = buffer.indexOf(0x0a) + 1;
    if (first > 0 && first < buffer.length) return buffer.subarray(first);
  }
}

async function openAt(directory: string, from: LogPosition | undefined): Promise<LogFile | undefined> {
  for (;;) {
    const files = await listLogs(directory);
    const wanted = files.find(({ inode }) => inode === from?.inode);
    const listed = wanted ?? files[0];
    if (listed === undefined) return undefined;
    const file = await openListed(listed, wanted === undefined ? 0 : from?.offset);
    if (file !== undefined) return file;
  }
}

interface Wakeup extends Disposable {
  /** Resolves when the log may have grown or the follower shall look up since the last call. */
  next(): Promise<void>;
}

function watchLog(directory: string, options: LogReadOptions): Wakeup & { readonly done: () => boolean } {
  let due = false;
  let done = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    due = true;
    wake?.();
  };
  const finish = (): void => {
    done = true;
    ring();
  };
  let watcher: FSWatcher | undefined;
  if (options.ended !== undefined) {
    watcher = watch(directory, ring);
    options.ended.then(finish, finish);
    options.signal?.addEventListener('abort', finish, { once: true });
  } else done = true;
  return {
    done: () => done,
    async next() {
      if (!due) await new Promise<void>((resolve) => (wake = resolve));
      due = false;
      wake = undefined;
    },
    [Symbol.dispose]() {
      watcher?.close();
      options.signal?.removeEventListener('abort', finish);
    },
  };
}

/** Each chunk is valid until the next one is asked for. */
export async function* readLog(directory: string, options: LogReadOptions = {}): AsyncGenerator<Buffer> {
  using wakeup = watchLog(directory, options);
  const from = options.tail === undefined ? options.from : await tailPosition(directory, options.tail);
  if (options.tail === 0 && options.ended === undefined) return;
  const buffer = Buffer.allocUnsafe(BLOCK);
  let file = await openAt(directory, from);
  try {
    for (;;) {
      const last = wakeup.done();
      if (options.signal?.aborted) return;
      file ??= await openAt(directory, undefined);
      if (file !== undefined) {
        yield* readToEnd(file, buffer, options.onChunk);
        const next = await nextLog(directory, file.inode);
        if (next !== undefined) {
          // Now that conmon writes to another file, what came into this one before the switch is all there is.
          yield* readToEnd(file, buffer, options.onChunk);
          await file.handle.close();
          file = next;
          continue;
        }
      }
      if (last) return;
      await wakeup.next();
    }
  } finally {
    await file?.handle.close();
  }
}
