/** What the explorer's conditions (`when`) and the status bar say about the hosts. */
import { lossOf } from '../explorer/hosts.ts';
import type { HostView } from '../explorer/snapshot.ts';

/**
 * `slipway.state` in when-clauses: of the host that is farthest.
 * - connected: what it has is known
 * - unread: it is connected, and what it has could not be read
 * - lost: a lost connection is being got back
 */
export type OverallState = 'none' | 'connecting' | 'lost' | 'unread' | 'connected';

const FARTHEST: readonly OverallState[] = ['connected', 'unread', 'lost', 'connecting'];

export function overallState(hosts: readonly HostView[]): OverallState {
  const states = new Set(hosts.map(stateOf));
  return FARTHEST.find((state) => states.has(state)) ?? 'none';
}

function stateOf(host: HostView): OverallState {
  const { state } = host;
  if (lossOf(host) !== undefined) return 'lost';
  if (state.kind === 'connecting') return 'connecting';
  if (state.kind !== 'connected') return 'none';
  if (state.snapshot !== undefined) return 'connected';
  return state.problem === undefined ? 'connecting' : 'unread';
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
}

/** @param activeLabel the host in use; undefined: none is connected */
export function statusText(state: OverallState, activeLabel: string | undefined): StatusText {
  if (activeLabel !== undefined) {
    return {
      text: `$(server) ${activeLabel}`,
      tooltip: `Slipway: terminals and new containers use ${activeLabel}. Click to use another host.`,
      command: 'slipway.useHost',
    };
  }
  switch (state) {
    case 'connecting':
      return { text: '$(loading~spin) Slipway', tooltip: 'Slipway is connecting.', command: 'slipway.hosts.focus' };
    case 'lost':
      return {
        text: '$(debug-disconnect) Slipway',
        tooltip: 'Slipway: the connection to the host was lost. Trying to get it back.',
        command: 'slipway.hosts.focus',
      };
    case 'none':
    case 'unread':
    case 'connected':
      return {
        text: '$(server) Slipway',
        tooltip: 'Slipway: no host is connected. Click to add one.',
        command: 'slipway.addHost',
      };
  }
}
