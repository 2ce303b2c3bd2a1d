/** Changes of the local folder as the tar stream that the engine takes (see PAX_BASE). */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pack, type Pack } from 'tar-stream';
import { EngineError, messageOf } from '#model/engine-api/errors.ts';
import { PAX_BASE } from '#model/slipway-api/workspaces.ts';
import { type Change, stateOf } from './plan-sync.ts';

export interface PackedFile {
  readonly path: string;
  /** undefined: gone. */
  readonly state: string | undefined;
  /** Of files: sha256 in hex. */
  readonly hash?: string;
  readonly mtimeMs: number;
}

export interface PackedChanges {
  readonly body: Readable;
  /** What has gone into the stream so far; complete when the stream has ended. */
  readonly packed: readonly PackedFile[];
  /** Local files that could not be packed, with the reason; the stream was cut off because of the last one. */
  readonly failed: () => EngineError | undefined;
}

const WHOLE_FILE_LIMIT = 8 * 1024 * 1024;

/** Files that have vanished meanwhile are left out: their removal is a change of its own. */
export function packChanges(folder: string, changes: readonly Change[]): PackedChanges {
  const archive = pack();
  const packed: PackedFile[] = [];
  let failure: EngineError | undefined;
  const fill = async (): Promise<void> => {
    try {
      for (const change of changes) {
        const done = await packOne(folder, change, archive);
        if (done !== undefined) packed.push(done);
      }
      archive.finalize();
    } catch (error) {
      failure = new EngineError('internal', `Cannot read the local folder: ${messageOf(error)}`, { cause: error });
      archive.destroy(failure);
    }
  };
  // started when the body is read: nothing is packed for a request that never begins
  const body = Readable.from(
    (async function* () {
      void fill();
      yield* archive as AsyncIterable<Buffer>;
    })(),
  );
  // a broken connection destroys both; whoever sends the body is told by the call
  for (const stream of [archive, body]) stream.on('error', () => {});
  return { body, packed, failed: () => failure };
}

async function packOne(folder: string, change: Change, archive: Pack): Promise<PackedFile | undefined> {
  const pax = { [PAX_BASE]: change.base };
  const name = change.path;
  if (change.kind === 'whiteout') {
    await entry(archive, { name, type: 'character-device', devmajor: 0, devminor: 0, pax });
    return { path: name, state: undefined, mtimeMs: Date.now() };
  }
  const full = path.join(folder, name);
  try {
    const stats = await lstat(full);
    const common = { name, pax, mode: process.platform === 'win32' ? 0o755 : stats.mode & 0o777, mtime: stats.mtime };
    const { mtimeMs } = stats;
    if (stats.isDirectory()) {
      await entry(archive, { ...common, type: 'directory' });
      return { path: name, state: stateOf({ kind: 'directory', hash: '' }), mtimeMs };
    }
    if (stats.isSymbolicLink()) {
      const target = await readlink(full);
      await entry(archive, { ...common, type: 'symlink', linkname: target });
      return { path: name, state: stateOf({ kind: 'link', hash: target }), mtimeMs };
    }
    if (!stats.isFile()) return undefined;
    const hash = await packContent(full, stats.size, common, archive);
    return { path: name, state: stateOf({ kind: 'file', hash }), hash, mtimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

type Header = Parameters<Pack['entry']>[0];

function entry(archive: Pack, header: Header, content: Buffer | string = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : resolve()));
  });
}

/** A file is read whole, so that what is sent is one state of it; only big ones are streamed. */
async function packContent(full: string, size: number, header: Header, archive: Pack): Promise<string> {
  if (size <= WHOLE_FILE_LIMIT) {
    const content = await readFile(full);
    await entry(archive, header, content);
    return createHash('sha256').update(content).digest('hex');
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sink = archive.entry({ ...header, size }, (error) => (error ? reject(error) : resolve()));
  promise.catch(() => {}); // it may fail while nothing waits for it, and so may the sink
  sink.on('error', reject);
  const hash = createHash('sha256');
  let sent = 0;
  for await (const chunk of createReadStream(full, { end: size - 1 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sent += chunk.length;
    if (!sink.write(chunk)) await Promise.race([drained(sink), promise]);
  }
  if (sent !== size) throw new EngineError('conflict', `${full} became shorter while it was read`);
  sink.end(undefined);
  await promise;
  return hash.digest('hex');
}

function drained(sink: ReturnType<Pack['entry']>): Promise<void> {
  return new Promise((resolve) => sink.once('drain', () => resolve()));
}
