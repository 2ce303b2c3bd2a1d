/** What differs between a local folder and its copy on the host. */
import type { EngineConnection } from '../hosts/engine-connection.ts';
import type { BaseStore } from './base-store.ts';
import { copyManifest } from './host-copy.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import { baseOf, type Change, inOrder, planSync, stateOf, type SyncPlan } from './plan-sync.ts';
import { type HashCache, lookLocal, scanLocal } from './scan-local.ts';

/** A local folder, with what is known of it. */
export interface Folder {
  readonly folder: string;
  readonly rules: () => IgnoreRules;
  readonly hashes: HashCache;
  readonly base: BaseStore;
  readonly onSkipped: (name: string, reason: string) => void;
}

/** Looks at everything on both sides; what they agree on is noted. */
export async function compareAll(
  one: Folder,
  connection: EngineConnection,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly plan: SyncPlan; readonly total: number }> {
  const rules = one.rules();
  const [local, { entries }] = await Promise.all([
    scanLocal(one.folder, rules, one.hashes, one.onSkipped, signal),
    copyManifest(connection, name, rules.patterns, signal),
  ]);
  const plan = planSync(local, entries, one.base.state);
  for (const entry of plan.agreed) one.base.set(entry.path, stateOf(entry));
  for (const path of plan.forgotten) one.base.set(path, undefined);
  return { plan, total: local.length };
}

/** The changes behind paths that the watch has named: nothing for what is as the host has it already. */
export async function changesOf(one: Folder, paths: readonly string[]): Promise<Change[]> {
  const changes = new Map<string, Change>();
  for (const path of paths) {
    const entry = await lookLocal(one.folder, path, one.rules(), one.hashes, one.onSkipped);
    const known = one.base.state.get(path);
    if (entry !== undefined) {
      if (stateOf(entry) !== known)
        changes.set(path, { path, kind: entry.kind, base: baseOf(known), size: entry.size });
    }
    if (entry?.kind === 'directory') continue;
    // gone, or no folder any more: so is all that was in it
    for (const [other, state] of one.base.state) {
      const inside = other.startsWith(`${path}/`);
      if (inside || (other === path && entry === undefined)) {
        changes.set(other, { path: other, kind: 'whiteout', base: baseOf(state), size: 0 });
      }
    }
  }
  return inOrder([...changes.values()]);
}
