/** The sync of a folder as a person sees it: a log, and messages where something is to be decided. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ForeignChange, PushConflict } from '#model/slipway-api/workspaces.ts';
import type { HostList } from '../hosts/host-list.ts';
import type { Action, Ui } from '../views/ui.ts';
import { liveConnection } from './live-connection.ts';
import { startSync, type SyncSession } from './sync-session.ts';

export interface FolderSync {
  readonly hostId: string;
  readonly folder: string;
  /** Of the copy on the host. */
  readonly name: string;
}

export interface FolderSyncDeps {
  readonly ui: Ui;
  readonly hosts: Pick<HostList, 'get' | 'onChange'>;
  /** A folder for what is remembered. */
  readonly storage: string;
  readonly copyBack: (sync: FolderSync) => unknown;
}

const NAMED = 3;

/** @returns once the host's copy is complete */
export async function startFolderSync(
  sync: FolderSync,
  deps: FolderSyncDeps,
  report: (message: string, percent?: number) => void,
  signal: AbortSignal,
): Promise<SyncSession> {
  const { ui, hosts } = deps;
  const channel = syncChannel(ui);
  const label = hosts.get(sync.hostId)?.label ?? sync.hostId;
  const folder = path.basename(sync.folder);
  const showLog: Action = { label: 'Show Sync Log', run: () => channel.show() };
  const remembered = createHash('sha256').update(`${sync.hostId}\0${sync.folder}`).digest('hex').slice(0, 16);
  let offered = false;
  const onForeign = (changes: readonly ForeignChange[]): void => {
    const written = changes.filter(({ change }) => change === 'written');
    if (written.length === 0) offered = false;
    if (written.length === 0 || offered) return;
    offered = true;
    const copy: Action = { label: 'Copy to Local Folder', run: () => deps.copyBack(sync) };
    const what = `${names(written)} changed in the container`;
    ui.info(`${what}, and only there (on ${label}). Slipway syncs one way, from here to the container.`, copy, showLog);
  };
  return await startSync(
    {
      folder: sync.folder,
      name: sync.name,
      owner: localOwner(),
      baseFile: path.join(deps.storage, 'sync', `${remembered}.json`),
    },
    {
      connect: async (connectSignal) => await liveConnection(hosts, sync.hostId, connectSignal),
      log: channel.line,
      report,
      onPaused: (reason) =>
        ui.error(`${folder} does not get to ${label}: ${reason} Slipway keeps trying; nothing is lost.`, showLog),
      onConflicts: (conflicts) => ui.warn(conflictMessage(conflicts), showLog),
      onForeign,
    },
    signal,
  );
}

export interface SyncChannel {
  line(text: string): void;
  show(): void;
}

/** *Slipway Sync*: every line with its time, to the millisecond. */
export function syncChannel(ui: Pick<Ui, 'channel'>): SyncChannel {
  const channel = ui.channel('Slipway Sync');
  return {
    line: (text) => channel.appendLine(`${new Date().toISOString().slice(11, 23)} ${text}`),
    show: () => channel.show(),
  };
}

function conflictMessage(conflicts: readonly PushConflict[]): string {
  const kept = conflicts.length === 1 ? conflicts[0]?.keptAs : '.slipway/conflicts';
  return `${names(conflicts)} changed both here and in the container. The version saved here is in place now; the other one is kept in the container's workspace as ${kept}.`;
}

function names(files: readonly { readonly path: string }[]): string {
  const shown = files.slice(0, NAMED).map(({ path: name }) => name);
  const more = files.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${files.length === 1 ? 'was' : 'were'}`;
}

function localOwner(): { uid: number; gid: number } | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
