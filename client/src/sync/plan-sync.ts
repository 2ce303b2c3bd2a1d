/** What to send to the host's copy of a folder, from three states: local, host, and what both last agreed on. Pure. */
import { ABSENT, type EntryKind, type ForeignChange, type ManifestEntry } from '#model/slipway-api/workspaces.ts';

/** What was there when local folder and host last agreed: kind and hash by path. */
export type BaseState = ReadonlyMap<string, string>;

export interface Change {
  readonly path: string;
  readonly kind: EntryKind | 'whiteout';
  /** See PAX_BASE. */
  readonly base: string;
  /** Bytes to send, about. */
  readonly size: number;
}

export interface SyncPlan {
  /** In the order in which they must be applied. */
  readonly changes: readonly Change[];
  /** Made in the container; they stay as they are. */
  readonly foreign: readonly ForeignChange[];
  /** Both sides have these already. */
  readonly agreed: readonly ManifestEntry[];
  /** Gone on both sides. */
  readonly forgotten: readonly string[];
}

type Looked = Pick<ManifestEntry, 'kind' | 'hash' | 'mode'>;

export function stateOf({ kind, hash }: Pick<ManifestEntry, 'kind' | 'hash'>): string {
  return `${kind}:${hash}`;
}

/** The base of a state as the engine compares it: the hash alone. */
export function baseOf(state: string | undefined): string {
  return state === undefined ? ABSENT : state.slice(state.indexOf(':') + 1);
}

export function planSync(local: readonly ManifestEntry[], host: readonly ManifestEntry[], base: BaseState): SyncPlan {
  const ours = new Map(local.map((entry) => [entry.path, entry]));
  const theirs = new Map(host.map((entry) => [entry.path, entry]));
  const changes: Change[] = [];
  const foreign: ForeignChange[] = [];
  const agreed: ManifestEntry[] = [];
  const forgotten: string[] = [];
  for (const path of new Set([...ours.keys(), ...theirs.keys(), ...base.keys()])) {
    const mine = ours.get(path);
    const known = base.get(path);
    switch (decide(mine, theirs.get(path), known)) {
      case 'push':
        changes.push({ path, kind: mine?.kind ?? 'whiteout', base: baseOf(known), size: mine?.size ?? 0 });
        break;
      case 'written':
        foreign.push({ path, change: 'written' });
        break;
      case 'removed':
        foreign.push({ path, change: 'removed' });
        break;
      case 'agreed':
        if (mine !== undefined) agreed.push(mine);
        break;
      case 'forgotten':
        forgotten.push(path);
    }
  }
  return { changes: inOrder(changes), foreign, agreed, forgotten };
}

function decide(
  mine: Looked | undefined,
  theirs: Looked | undefined,
  known: string | undefined,
): 'push' | 'written' | 'removed' | 'agreed' | 'forgotten' {
  const own = mine === undefined ? undefined : stateOf(mine);
  const other = theirs === undefined ? undefined : stateOf(theirs);
  if (own === other) {
    if (mine === undefined) return 'forgotten';
    const executable = (entry: Looked | undefined): boolean => ((entry?.mode ?? 0) & 0o100) !== 0;
    return mine.kind === 'file' && executable(mine) !== executable(theirs) ? 'push' : 'agreed';
  }
  // unchanged here since both agreed: the difference was made in the container
  if (own === known) return other === undefined ? 'removed' : 'written';
  return 'push';
}

/** What goes away first, the deepest before its folder; then folders before what is in them. */
export function inOrder(changes: readonly Change[]): Change[] {
  const byPath = (a: Change, b: Change): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
  const gone = changes
    .filter(({ kind }) => kind === 'whiteout')
    .sort(byPath)
    .reverse();
  const there = changes.filter(({ kind }) => kind !== 'whiteout').sort(byPath);
  return [...gone, ...there];
}

/** Pieces that are not sent again from their start when the connection breaks in a later one. */
export function inBatches(changes: readonly Change[], maxEntries = 500, maxBytes = 32 * 1024 * 1024): Change[][] {
  const batches: Change[][] = [];
  let batch: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    if (batch.length > 0 && (batch.length >= maxEntries || bytes + change.size > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(change);
    bytes += change.size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
