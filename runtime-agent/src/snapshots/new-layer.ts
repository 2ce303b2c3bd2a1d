/**
 * A layer whose files are known before any of them is written: its tar is made in memory, piece by piece, in the order and form
 * that repack.ts gives to the tar of a directory, so that both come to the same bytes.
 */
import { setImmediate } from 'node:timers/promises';
import type { IdMapping } from '../host/id-mapping.ts';
import { BLOCK, encodeHeader, padding, type TarEntry } from './tar-entry.ts';

export interface NewFile {
  /** `name` without slashes at its ends, relative to the layer's root; no two of a layer are equal, and none is below a file. */
  readonly entry: TarEntry;
  /** Fills the buffer with the content from `position` on. Of regular files only. */
  readonly read?: (buffer: Buffer, position: number) => void;
  /** SHA-256 of the content, hex, where it is known. */
  readonly digest?: string | undefined;
}

export type NewLayer = readonly NewFile[];

const CHUNK = 1 << 20;

/** Directories come before what is in them, names of one directory in the order of their bytes. */
export function inTarOrder(files: Iterable<NewFile>): NewLayer {
  const keyed = [...files].map((file) => ({ file, key: file.entry.name.replaceAll('/', '\0') }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ file }) => file);
}

/** Sum of the sizes of the files and symlinks, as Docker counts. */
export function contentSize(layer: NewLayer): number {
  return layer.reduce((sum, { entry }) => sum + (entry.type === '2' ? entry.linkName.length : entry.size), 0);
}

export interface TarOptions {
  /** For a tar that is extracted here: owners are the host's. Otherwise they are the containers'. */
  readonly ids?: IdMapping;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The layer's tar, in pieces of about 1 MiB, each of which is good until the next is asked for: a new one for each would have the
 * garbage collector run all the time. Throws the signal's reason.
 */
export async function* newLayerTar(layer: NewLayer, { ids, signal }: TarOptions = {}): AsyncGenerator<Buffer> {
  for (const chunk of chunksOf(layer, ids)) {
    signal?.throwIfAborted();
    yield chunk;
    await setImmediate(); // other requests have their turn
  }
}

function* chunksOf(layer: NewLayer, ids: IdMapping | undefined): Generator<Buffer> {
  const chunk = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  /** As many of the wanted bytes as there is room for, in a chunk with room. */
  const room = function* (wanted: number): Generator<Buffer, Buffer> {
    if (filled === CHUNK) {
      yield chunk;
      filled = 0;
    }
    const from = filled;
    filled = Math.min(CHUNK, from + wanted);
    return chunk.subarray(from, filled);
  };
  const put = function* (bytes: Buffer): Generator<Buffer> {
    for (let at = 0; at < bytes.length; ) at += bytes.copy(yield* room(bytes.length - at), 0, at);
  };
  for (const { entry, read } of layer) {
    const name = entry.type === '5' ? `${entry.name}/` : entry.name;
    const { uid, gid } = ids?.toHost(entry) ?? entry;
    yield* put(encodeHeader({ ...entry, name, uid, gid }));
    for (let done = 0; done < entry.size; ) {
      const piece = yield* room(entry.size - done);
      read?.(piece, done);
      done += piece.length;
    }
    yield* put(Buffer.alloc(padding(entry.size)));
  }
  yield* put(Buffer.alloc(2 * BLOCK));
  yield chunk.subarray(0, filled);
}
