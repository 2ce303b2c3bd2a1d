/**
 * Keeps a copy of a local folder on a host in step, one way: local -> host (docs/decisions: one-way sync). A lost
 * connection pauses it; when there is one again, both sides are compared and it goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#model/engine-api/errors.ts';
import type { ForeignChange, PushConflict, WorkspaceInfo } from '#model/slipway-api/workspaces.ts';
import type { EngineConnection } from '../hosts/engine-connection.ts';
import { openBaseStore } from './base-store.ts';
import { copyBack, type CopiedBack } from './copy-back.ts';
import { changesOf, compareAll, type Folder } from './find-changes.ts';
import { copyChanges, giveCopyTo, openCopy, type Owner, pushToCopy } from './host-copy.ts';
import { IGNORE_FILE, readIgnoreRules } from './ignore-rules.ts';
import { packChanges, type PackedFile } from './pack-changes.ts';
import { type Change, inBatches } from './plan-sync.ts';
import { type SaveWatch, watchSaves } from './save-watch.ts';
import { type Place, reportVisible } from './visibility.ts';

export interface SyncOptions {
  readonly folder: string;
  /** Of the workspace on the host. */
  readonly name: string;
  /** Who what is made new on the host belongs to. */
  readonly owner: Owner | undefined;
  /** Where to remember what both sides agreed on. */
  readonly baseFile: string;
}

export interface SyncDeps {
  /** A live connection to the host: the present one, or the next when it was lost. */
  readonly connect: (signal: AbortSignal) => Promise<EngineConnection>;
  /** A line of the sync log. */
  readonly log: (line: string) => void;
  readonly report: (message: string, percent?: number) => void;
  /** The host is there but does not take the changes: a full disk, say. Once for each time. */
  readonly onPaused: (reason: string) => void;
  readonly onConflicts: (conflicts: readonly PushConflict[]) => void;
  /** All changes made in the container so far that are not in the local folder. */
  readonly onForeign: (changes: readonly ForeignChange[]) => void;
}

export interface SyncSession extends AsyncDisposable {
  readonly workspace: WorkspaceInfo;
  /** From now on the time from a save to its visibility in this container is measured. */
  measureIn(place: Place): void;
  own(owner: Owner, signal: AbortSignal): Promise<void>;
  foreign(): readonly ForeignChange[];
  /** Brings files that were changed in the container into the local folder. */
  copyBack(signal: AbortSignal): Promise<CopiedBack>;
}

/** Waiting times between tries while the host does not take the changes, in ms. */
const BACK_OFF = [300, 1000, 3000, 10_000];
const FOREIGN_QUIET_MS = 700;

interface Run extends Folder {
  readonly options: SyncOptions;
  readonly deps: SyncDeps;
  readonly signal: AbortSignal;
  readonly foreign: Map<string, ForeignChange>;
  owner: Owner | undefined;
  place: Place | undefined;
}

/** @returns once the host's copy is complete. Throws when that cannot be done; nothing goes on then. */
export async function startSync(options: SyncOptions, deps: SyncDeps, signal: AbortSignal): Promise<SyncSession> {
  const ended = new AbortController();
  const starting = AbortSignal.any([signal, ended.signal]);
  const connection = await deps.connect(starting);
  const workspace = await openCopy(connection, options.name, starting);
  let rules = await readIgnoreRules(options.folder);
  const watch = await watchSaves(options.folder, () => rules);
  try {
    const base = await openBaseStore(options.baseFile, workspace.instance);
    const run: Run = {
      options,
      deps,
      base,
      folder: options.folder,
      rules: () => rules,
      hashes: new Map(),
      onSkipped: (name, reason) => deps.log(`${name}: not synced (${reason})`),
      signal: ended.signal,
      foreign: new Map(),
      owner: options.owner,
      place: undefined,
    };
    await syncAll(run, connection, starting);
    const refresh = async (): Promise<void> => void (rules = await readIgnoreRules(options.folder));
    const working = keepInStep(run, watch, refresh);
    return {
      workspace,
      measureIn: (place) => void (run.place = place),
      async own(owner, ownSignal) {
        run.owner = owner;
        await giveCopyTo(await deps.connect(ownSignal), options.name, owner, ownSignal);
      },
      foreign: () => [...run.foreign.values()],
      copyBack: async (backSignal) => {
        const changes = [...run.foreign.values()];
        const result = await copyBack(await deps.connect(backSignal), options.name, run, changes, backSignal);
        for (const path of result.copied) run.foreign.delete(path);
        return result;
      },
      async [Symbol.asyncDispose]() {
        ended.abort();
        await watch[Symbol.asyncDispose]();
        await working;
        await base.flush().catch(() => {});
      },
    };
  } catch (error) {
    ended.abort();
    await watch[Symbol.asyncDispose]();
    throw error;
  }
}

/** Compares both sides and sends what differs. */
async function syncAll(run: Run, connection: EngineConnection, signal: AbortSignal): Promise<void> {
  run.deps.report('Comparing files');
  const { plan, total } = await compareAll(run, connection, run.options.name, signal);
  for (const entry of plan.foreign) run.foreign.set(entry.path, entry);
  let sent = 0;
  for (const batch of inBatches(plan.changes)) {
    run.deps.report(`Copying files (${sent} of ${plan.changes.length})`, (100 * sent) / plan.changes.length);
    await push(run, connection, batch, signal);
    sent += batch.length;
  }
  run.base.save();
  run.deps.log(
    `${run.folder}: ${sent === 0 ? 'in step' : `${sent} changes sent`}, ${total} entries on ${connection.label}`,
  );
  if (plan.foreign.length > 0) run.deps.onForeign([...run.foreign.values()]);
}

async function push(
  run: Run,
  connection: EngineConnection,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<readonly PackedFile[]> {
  const { body, packed, failed } = packChanges(run.folder, changes);
  try {
    const result = await pushToCopy(connection, run.options.name, body, run.owner, signal);
    run.base.update(packed);
    run.base.save();
    for (const { path } of packed) run.foreign.delete(path);
    for (const { path, keptAs } of result.conflicts) {
      run.deps.log(`${path}: was changed in the container too; that version is kept there as ${keptAs}`);
    }
    if (result.conflicts.length > 0) run.deps.onConflicts(result.conflicts);
    return packed;
  } catch (error) {
    throw failed() ?? error;
  }
}

interface Upcoming {
  /** Asked for once and then kept: a batch that nobody waits for must not get lost. */
  batch: Promise<readonly string[] | undefined> | undefined;
}

/** Runs until the session ends; never throws. */
async function keepInStep(run: Run, watch: SaveWatch, refreshRules: () => Promise<void>): Promise<void> {
  const upcoming: Upcoming = { batch: undefined };
  let compare = false;
  let failures = 0;
  while (!run.signal.aborted) {
    const here = new AbortController();
    try {
      const connection = await run.deps.connect(run.signal);
      const lost = watchForeign(run, connection, AbortSignal.any([run.signal, here.signal]));
      if (compare) await syncAll(run, connection, run.signal);
      if (failures > 0) run.deps.log('sync goes on');
      compare = true;
      failures = 0;
      if (!(await sendUntilLost(run, connection, watch, upcoming, lost, refreshRules))) break;
      run.deps.log('sync is interrupted: the connection to the host was lost');
    } catch (error) {
      if (run.signal.aborted) break;
      const reason = messageOf(error);
      if (failures === 0) run.deps.log(`sync is interrupted: ${reason}`);
      // with a lost connection the host itself says so: this is for what stays wrong with a live one
      if (failures === 1) run.deps.onPaused(reason);
      const wait = BACK_OFF[Math.min(failures++, BACK_OFF.length - 1)];
      await sleep(wait, undefined, { signal: run.signal }).catch(() => {});
    } finally {
      here.abort();
    }
  }
}

/** false: the session has ended. true: the connection has. Throws when the host does not take a change. */
async function sendUntilLost(
  run: Run,
  connection: EngineConnection,
  watch: SaveWatch,
  upcoming: Upcoming,
  lost: Promise<void>,
  refreshRules: () => Promise<void>,
): Promise<boolean> {
  for (;;) {
    upcoming.batch ??= watch.next();
    const next = await Promise.race([upcoming.batch, lost.then(() => 'lost' as const)]);
    if (next === 'lost') return !run.signal.aborted;
    upcoming.batch = undefined;
    if (next === undefined) return false;
    if (next.includes(IGNORE_FILE)) {
      await refreshRules();
      await syncAll(run, connection, run.signal);
    }
    await sendSaves(run, connection, next);
  }
}

async function sendSaves(run: Run, connection: EngineConnection, paths: readonly string[]): Promise<void> {
  const changes = await changesOf(run, paths);
  if (changes.length === 0) return;
  const packed = await push(run, connection, changes, run.signal);
  for (const { path, state } of packed) if (state === undefined) run.deps.log(`${path}: removed`);
  const saved = packed.flatMap(({ path, hash, mtimeMs }) =>
    hash === undefined ? [] : [{ path, sha256: hash, mtimeMs }],
  );
  if (run.place !== undefined) await reportVisible(connection, run.place, saved, run.deps.log, run.signal);
  else for (const { path } of saved) run.deps.log(`${path}: saved and sent`);
}

/** Collects what the container changes, as long as this connection lives; tells of it when it has been quiet a while. */
async function watchForeign(run: Run, connection: EngineConnection, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const change of copyChanges(connection, run.options.name, run.rules().patterns, signal)) {
      run.foreign.set(change.path, change);
      run.deps.log(`${change.path}: ${change.change} in the container`);
      clearTimeout(timer);
      timer = setTimeout(() => run.deps.onForeign([...run.foreign.values()]), FOREIGN_QUIET_MS);
    }
  } catch {
    // lost with the connection; the comparison after the reconnect finds what was missed
  } finally {
    clearTimeout(timer);
  }
}
