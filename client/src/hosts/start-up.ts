/** Which hosts are there and which of them to connect to when the window opens. Pure. */
import type { Host } from './host-list.ts';
import { hostId, type SavedHost } from './saved-host.ts';

/** The saved hosts, and the one that whoever started the editor wants (SLIPWAY_CONNECT). */
export function withWanted(saved: readonly SavedHost[], wanted: SavedHost | undefined): SavedHost[] {
  if (wanted === undefined || saved.some((host) => hostId(host) === hostId(wanted))) return [...saved];
  return [...saved, wanted];
}

export interface StartUp {
  readonly wanted: SavedHost | undefined;
  /** Ids of the hosts that were connected when the last window closed. */
  readonly remembered: readonly string[];
  /** An engine has been started on this machine. */
  readonly localSocketExists: boolean;
}

export function hostsToConnect(hosts: readonly Host[], { wanted, remembered, localSocketExists }: StartUp): string[] {
  if (wanted !== undefined) return [hostId(wanted)];
  return hosts
    .filter((host) => remembered.includes(host.id) || (host.saved.kind === 'local' && localSocketExists))
    .map((host) => host.id);
}
