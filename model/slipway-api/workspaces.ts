/** What client and engine say to each other about a synced workspace (/slipway/v1/workspaces/{name}/…). */

export type EntryKind = 'file' | 'directory' | 'link';

/** One thing in a workspace, by its path relative to the workspace's root, with forward slashes. */
export interface ManifestEntry {
  readonly path: string;
  readonly kind: EntryKind;
  /** Permission bits, e.g. 0o644. Of files only: the rest has the host's own. */
  readonly mode: number;
  /** Bytes of a file; 0 of others. */
  readonly size: number;
  readonly mtimeMs: number;
  /** Of a file: sha256 in hex of its content. Of a link: its target. Of a directory: empty. */
  readonly hash: string;
}

export interface Manifest {
  /** Sorted by path. */
  readonly entries: readonly ManifestEntry[];
}

/**
 * A push is a tar stream of files, directories and links to put in place. Every entry says in these PAX records what it
 * expects to replace, so that nothing that was changed meanwhile is lost. A deletion is a whiteout, as in overlayfs: a
 * character device 0/0 of that name.
 */
export const PAX_BASE = 'SLIPWAY.base';
/** The hash that the sender last knew at that path, or ABSENT. Missing: replace whatever is there. */
export const ABSENT = 'absent';

export interface PushConflict {
  readonly path: string;
  /** Where the version that was changed in the container is kept now, relative to the workspace's root. */
  readonly keptAs: string;
}

export interface PushResult {
  readonly written: number;
  readonly removed: number;
  readonly conflicts: readonly PushConflict[];
}

export interface WorkspaceInfo {
  readonly name: string;
  /** Absolute path on the host: the source of the container's bind mount. */
  readonly directory: string;
  /** Another one after the workspace was removed and made anew: what the client remembers of it is void. */
  readonly instance: string;
}

/** A change that somebody else than the sync made in the workspace: a process in a container, usually. */
export interface ForeignChange {
  readonly path: string;
  readonly change: 'written' | 'removed';
}

export interface VisibleRequest {
  /** As the container sees it. */
  readonly path: string;
  /** Lower-case hex of the content that is waited for. */
  readonly sha256: string;
  readonly timeoutMs?: number;
}

export interface VisibleResult {
  readonly visible: boolean;
  /** How long the engine had to wait, in milliseconds. */
  readonly waitedMs: number;
}
