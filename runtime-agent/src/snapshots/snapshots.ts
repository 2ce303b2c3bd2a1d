/**
 * Unpacked layers, one directory per chain id, shared by all images; lower directories of overlayfs.
 */
import type { Readable } from 'node:stream';
import type { FilesystemChange } from '#model/engine-api/types.ts';
import type { NewLayer } from './new-layer.ts';

export interface Snapshot {
  readonly chainId: string;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
  /** Bytes of the files in this layer. */
  readonly size: number;
  /** Bytes of its uncompressed tar. */
  readonly tarSize: number;
  /** When it was made here, milliseconds since 1970. */
  readonly made: number;
}

export interface MadeLayer {
  /** Told of the chain id before anything else runs that could take the layer for one that nobody needs. */
  readonly made?: (chainId: string) => void;
}

export interface Snapshots {
  has(chainId: string): boolean;
  /**
   * Layer directories for overlayfs `lowerdir`, top first; never empty (an image without layers has one empty directory).
   * They are short symlinks in one folder, `<root>/l/<7 characters>`, so that a hundred of them fit the page that mount(2)
   * takes, and more when mounted relative to that folder. Throws EngineError('not-found') when one is missing.
   */
  lowerDirs(chainIds: readonly string[]): string[];
  /**
   * Unpacks an uncompressed layer tar on top of `parent` (a chain id; undefined for the first layer; it need not be here
   * yet), verifies `diffId` when it is given, and makes the snapshot visible only when all of it is on disk.
   * `blobKept`: the content store has the layer, so that no copy of the tar is needed.
   * `distinct`: no two of its entries may have one name.
   */
  apply(
    parent: string | undefined,
    tar: Readable,
    expect?: { readonly diffId?: string; readonly blobKept?: boolean; readonly distinct?: boolean },
  ): Promise<Snapshot>;
  /**
   * Turns an overlayfs upper directory into a layer on top of `parent`. The directory is consumed (moved, not copied),
   * so it must be unmounted and on the same file system (under the data root). With `keepUpper` it is copied instead and
   * may be mounted: for a commit of a container that lives on.
   */
  commitUpper(
    parent: string | undefined,
    upper: string,
    options?: MadeLayer & { readonly keepUpper?: boolean },
  ): Promise<Snapshot>;
  /** A layer of files that are known; nothing is written when a layer of that content is here. */
  assemble(
    parent: string | undefined,
    layer: NewLayer,
    options?: MadeLayer & { readonly signal?: AbortSignal },
  ): Promise<Snapshot>;
  /** The layer as an uncompressed OCI layer tar (whiteouts as `.wh.` files). Byte for byte what `diffId` was made of. */
  tar(chainId: string): Promise<Readable>;
  /** Changes in an overlayfs upper directory against its lower ones, as `docker diff` lists them, sorted by path. */
  changes(upper: string, lower: readonly string[]): Promise<FilesystemChange[]>;
}
